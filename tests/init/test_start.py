"""`drillbook init` as it is called: what it asks, what it says, what it never writes, and where it stops."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillbook.common.mistakes import Mistakes
from drillbook.init.draft import Draft
from drillbook.init.looking import Look
from drillbook.init.offered import paths_of
from drillbook.init.shapes import shape_of
from drillbook.init.start import _write
from drillbook.init.web import Found, Web, look_around

FILE = "systems/shop/system.toml"
CANARY = "c4nary-that-nobody-may-see"
WELL = '{"status": "ok", "redis": "up"}'


@pytest.fixture
def well(server):
    """A service that is well, and has a page of metrics."""
    server.say("/health", WELL)
    server.say("/metrics", 'http_requests_total{status="200"} 3\n', kind="text/plain")
    return server


def test_without_a_terminal_it_asks_nothing_and_says_what_comes_next(well, project):
    ran = project.drillbook(
        "init", "shop", "--url", well.address, "--database-env", "SHOP_PG", environ={"SHOP_PG": "x"}
    )
    assert ran.code == 0, ran.said
    place = well.address.removeprefix("http://")
    assert ran.said.startswith(f"asked {place}: ")
    assert "2 of 200): /health, /metrics\n" in ran.said
    assert f"wrote {FILE}: ok (" in ran.said
    assert "not found: what its users ask for; the file says how it is declared\n" in ran.said
    assert "  export SHOP_URL=…   # where web is (what you gave as --url)\n" in ran.said
    assert "  set already: SHOP_PG   # where database is\n" in ran.said
    assert ran.said.endswith("then: pytest checks --target shop@local\n")
    assert project.drillbook("validate").code == 0


END = "\x04"  # Ctrl-D: whoever asks for more gets no answer


def at_a_terminal(project, *arguments: str, typed: str) -> tuple[int, str]:
    """The exit code and all that is said at a terminal where somebody types that."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "drillbook", *arguments]
    environ = {**project.inherited(), "TERM": "dumb"}
    started = subprocess.Popen(command, cwd=project.root, env=environ, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, f"{typed}{END}".encode())
    said = b""
    while piece := _read(ours):
        said += piece
    os.close(ours)
    return started.wait(60), said.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side was closed
        return b""


def test_at_a_terminal_it_asks_for_the_name_and_the_kind_of_environment(well, project):
    code, said = at_a_terminal(project, "init", "--url", well.address, typed="shop\nstaging\n")
    assert code == 0, said
    assert "name of the system [" in said
    assert "where does it run (local, staging, production) [local]: " in said
    text = (project.root / FILE).read_text()
    assert '[environments.staging]\nkind = "staging"' in text
    assert "environments.local" not in text


def test_whoever_gives_no_answer_gets_no_file(well, project):
    code, said = at_a_terminal(project, "init", "--url", well.address, typed="shop\n")
    assert (code, (project.root / "systems" / "shop").exists()) == (4, False), said
    assert "drillbook: no answer: nothing was written" in said


def test_whoever_only_presses_return_gets_the_defaults(well, started):
    asked = []
    started.project.root.joinpath("systems").mkdir(exist_ok=True)
    started.init(well.address, ask=lambda question, default: asked.append((question, default)) or default)
    assert asked == [("where does it run (local, staging, production)", "local")]


def test_a_kind_of_environment_that_is_none_is_a_mistake(well, started):
    with pytest.raises(Mistakes, match="'test' is no kind of environment: it is one of local, staging, production"):
        started.init(well.address, ask=lambda *_: "test")


def test_a_file_that_is_there_stays_as_it_is(well, project):
    project.write(FILE, "what I wrote myself")
    ran = project.drillbook("init", "shop", "--url", well.address)
    assert (ran.code, (project.root / FILE).read_text()) == (4, "what I wrote myself")
    assert f"drillbook: {FILE} is there already, and stays as it is: give another name" in ran.said
    assert well.asked == []


def test_a_file_that_would_be_wrong_or_cannot_be_written_is_no_file(project, started):
    path = project.root / FILE
    with pytest.raises(Mistakes, match="no kind of service"):
        _write(started.library, "shop", path, Draft("shop", "local", Web()).text.replace('"http"', '"htp"'))
    assert not path.exists()
    with pytest.raises(Mistakes, match="cannot be written: Not a directory"):
        _write(started.library, "shop", project.root / "pyproject.toml" / FILE, "")


def test_a_name_that_no_folder_can_have_is_a_mistake(well, started):
    with pytest.raises(Mistakes, match="cannot be written: File name too long"):
        started.init(well.address, "x" * 300)


@pytest.mark.parametrize("given", [{"redis": "SHOP_URL"}, {"redis": "SHOP_DB", "database": "SHOP_DB"}])
def test_a_variable_that_would_hold_two_addresses_is_a_mistake(well, started, given):
    with pytest.raises(Mistakes, match=f"{given['redis']} cannot hold the addresses of .* and redis: name another"):
        started.init(well.address, **given)
    assert not (started.project.root / FILE).exists()


def test_where_nobody_answers_nothing_is_written_and_it_says_so(project):
    ran = project.drillbook("init", "shop", "--url", "http://127.0.0.1:1")
    assert ran.code == 4
    next_step = "start it, or give the address that it answers at: nothing was written"
    assert f"drillbook: 127.0.0.1:1: connection refused: {next_step}" in ran.said
    assert not (project.root / "systems" / "shop").exists()


@pytest.mark.parametrize(("status", "words"), [(301, "whatever is asked is redirected"), (502, "a proxy answers")])
def test_where_somebody_else_answers_whatever_is_asked_nothing_is_written(server, started, status, words):
    server.otherwise = status
    with pytest.raises(Mistakes, match=f"{words}.*: nothing was written"):
        started.init(server.address)


def test_the_address_of_a_page_is_told_from_one_of_a_service(well, started):
    started.init(f"{well.address}/health")
    assert started.said[0].endswith(
        " of 404): nothing below its path: if that is the path of a page, give the address without it"
    )


def test_a_service_that_hangs_is_asked_once(server, started):
    server.hangs.add("*")
    with pytest.raises(Mistakes, match=r"no answer within .*: nothing was written"):
        started.init(server.address)
    assert len(server.asked) == 1


def test_after_a_page_that_hangs_nothing_more_is_asked_and_the_file_says_so(server, started):
    server.say("/health", '{"status": "ok"}')
    server.hangs.add("/healthz")
    text = started.init(server.address)
    assert server.paths()[-1] == "/healthz"
    assert "# Nothing was asked after /healthz (no answer within " in text
    assert "# Not looked for: figures of its traffic." in text
    assert 'path = "/health"' in text


def test_each_page_is_asked_once_and_with_get(well, started):
    well.say("/openapi.json", json.dumps(OPENAPI))
    well.say("/items", '{"items": [1]}')
    well.say("/healthz", "<html>a page for people</html>", kind="text/html")
    started.init(well.address)
    asked = [(path, headers["Accept"]) for path, headers, _ in well.asked]
    assert len(asked) == len(set(asked)) < 30
    assert {body for _, _, body in well.asked} == {b""}


def test_a_page_of_two_lists_is_asked_once(well):
    look = Look(well.address)
    look_around(look, ("/ready", "/metrics", "/health"))
    assert max(Counter(well.paths()).values()) == 1


def test_what_is_secret_in_a_compose_file_is_no_word_of_the_system_file(well, started, tmp_path):
    well.say("/health", json.dumps({"status": "ok", f"db {CANARY}": "up", f"cache {CANARY}-too": "up"}))
    urls = f"{{DATABASE_URL: 'postgresql://shop:{CANARY}-too@db/shop', APP_PASSWORD: {CANARY}}}"
    (tmp_path / "c.yaml").write_text(f"services: {{web: {{image: x, ports: ['8000'], environment: {urls}}}}}")
    assert CANARY not in started.init(well.address, compose=tmp_path / "c.yaml")


JSON_ANSWER = {"200": {"content": {"application/json": {}}}}
OPENAPI = {
    "openapi": "3.1.0",
    "paths": {
        "/items": {"get": {"responses": JSON_ANSWER}},
        "/items/{id}": {"get": {"responses": JSON_ANSWER}},
        "/mine": {"get": {"responses": JSON_ANSWER, "security": [{"bearer": []}]}},
        "/find": {"get": {"responses": JSON_ANSWER, "parameters": [{"name": "q", "required": True}]}},
        "/logout": {"get": {"responses": JSON_ANSWER}},
        "/orders": {"post": {"responses": JSON_ANSWER}},
    },
}


def test_of_what_openapi_offers_only_what_anybody_may_ask_is_asked(well, started):
    well.say("/openapi.json", json.dumps(OPENAPI))
    well.say("/items", '{"next": null, "items": [1]}')
    assert 'items = { path = "/items", json = "$.items" }' in started.init(well.address)
    assert not {"/items/{id}", "/mine", "/find", "/logout", "/orders"} & {*well.paths()}


def test_an_openapi_document_that_is_large_stops_nothing(well, started):
    well.say("/openapi.json", json.dumps(OPENAPI | {"info": "x" * (20 << 20)}))
    assert 'path = "/health"' in started.init(well.address)
    assert any("answered more than 16 MiB" in one for one in started.said)


def test_no_secret_is_written_or_said(well, make_started):
    started = make_started(SHOP_PG=f"postgresql://shop:{CANARY}@db/shop", SHOP_REDIS=f"redis://:{CANARY}@cache")
    well.say("/health", json.dumps({"status": "ok", "redis": "up", CANARY: True, "dsn": f"x:{CANARY}@db"}))
    url = well.address.replace("http://", f"http://checker:{CANARY}-too@")
    text = started.init(url, database="SHOP_PG", redis="SHOP_REDIS")
    assert CANARY not in text + "".join(started.said)
    assert well.address not in text, "addresses are no business of the file's either"
    assert dict(well.asked[0][1])["Authorization"].startswith("Basic "), "it was sent, as the checks send it"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["shop"], "--url is no http:// or https:// address: --url https://staging.shop.example"),
        (["shop", "--url", f"http://shop.example/?key={CANARY}"], "--url has a query or a fragment"),
        (["shop", "--url", f"shop.example/{CANARY}"], "--url is no http:// or https:// address"),
        (["shop", "--url", f"http://:{CANARY}@shop.example:port"], "--url is no http:// or https:// address"),
        (
            ["shop", "--url", "http://127.0.0.1:1", "--database-env", f"postgresql://shop:{CANARY}@db/shop"],
            "--database-env is the name of an environment variable, never what it holds",
        ),
        (["shop", "--url", "http://127.0.0.1:1", "--redis-env", "cache"], "--redis-env is the name of an"),
        (["My Shop", "--url", "http://127.0.0.1:1"], "'My Shop' is no name of a system"),
    ],
)
def test_what_is_no_option_is_a_mistake_that_tells_nothing(arguments, words, project):
    ran = project.drillbook("init", *arguments)
    assert ran.code == 4
    assert f"drillbook: {words}" in ran.said
    assert CANARY not in ran.said
    assert "Traceback" not in ran.said


def test_what_is_not_understood_is_said_with_the_way_to_say_it(server, started):
    server.say("/health", WELL)
    server.say("/status", "out of order", status=500)
    server.say("/metrics", '{"requests": 3}')
    server.say("/ready", "no database", status=500)
    text = started.init(server.address)
    assert '# /metrics answers JSON, in which figures have paths: format = "json"' in text
    assert "# Failed, and said nothing of parts: /ready (500)." in text


def test_a_redirect_beside_the_health_page_is_not_worth_a_word(server, started):
    server.say("/health", "", status=301)
    server.say("/health/", WELL, status=503)
    text = started.init(server.address)
    assert "(301)" not in text
    assert "(503)" not in text


def test_a_login_and_a_redirect_are_said_with_the_way_to_say_it(server, started):
    server.say("/health", "", status=401)
    server.say("/healthz", "", status=302)
    text = started.init(server.address)
    assert '# A login is wanted by /health (401):\n#   headers = { Authorization = { env = "' in text
    assert "# Redirects, which no check follows: /healthz (302)." in text


def test_a_certificate_that_is_trusted_is_judged_and_another_is_told(by_tls, started, monkeypatch):
    url, trusting = by_tls
    with pytest.raises(Mistakes, match=r"certificate is not trusted.*: nothing was written"):
        started.init(url)
    monkeypatch.setattr("drillbook.probes.page._trusted", lambda: trusting)
    assert "so tls.days_left is judged of its certificate, too." in started.init(url)


_KEYS = st.sampled_from(["status", "name", "redis", "db"])
_ANYTHING = st.recursive(
    st.sampled_from(["ok", "UP", "down", "Degraded", True, False, None, 3, "x'\"\\\x00"]) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["status", "name", "redis", "db"]) | st.text(), inner)
    ),
)


@settings(max_examples=60, deadline=None)
@given(document=_ANYTHING)
def test_whatever_stands_in_for_an_openapi_document_offers_what_it_offers(document):
    paths = {"/a": document, "/b": {"get": document}, "/c": {"get": {"parameters": document, "responses": document}}}
    for one in (document, {"paths": document}, {"paths": paths}):
        assert all(path.startswith("/") for path in paths_of(one, ()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=_ANYTHING, status=st.sampled_from([200, 207, 503]), wrapped=st.booleans())
def test_whatever_a_page_says_the_file_is_right(document, status, wrapped, started):
    shape = shape_of(status, json.dumps(document), wrapped=wrapped)
    web = Web(health=Found("/health", shape) if shape else None)
    path = started.project.root / FILE
    assert _write(started.library, "shop", path, Draft("shop", "local", web).text).startswith("ok (")
    path.unlink()
