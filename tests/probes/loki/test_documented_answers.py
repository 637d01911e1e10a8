"""What a Loki answers, as its documentation has it (https://grafana.com/docs/loki: HTTP API): no real one runs here."""

from __future__ import annotations

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.probes.loki.noun import Loki
from drillbook.probes.measure import cost, measure
from drillbook.probes.signal import Asked
from drillbook.system.library import Library
from drillbook.system.target import load_target

SYSTEM = """
[system]
name = "shop"
[services.logs]
kind = "loki"
url = { env = "SHOP_LOKI" }
headers = { X-Scope-OrgID = "shop" }
deadline = "20s"
[environments.local]
kind = "local"
"""
HEALTH, ERRORS = "vector(1)+vector(1)", 'sum(count_over_time({app="shop"} |= "error" [5m]))'
SECRET = "password=hunter2-canary"


def vector(*series):
    found = [{"metric": labels, "value": [1588889221, value]} for labels, value in series]
    return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": found, "stats": {}}})


LINES = json.dumps({
    "status": "success",
    "data": {"resultType": "streams", "result": [{"stream": {}, "values": [["1588889221000000000", SECRET]]}]},
})  # fmt: skip


@pytest.fixture
def loki():
    """A server of the documented API: what it answers by query, `/ready` too, and how often each was asked."""
    answers, asked = {"/ready": (200, "ready\n"), HEALTH: vector(({}, "2"))}, Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            url = urlsplit(self.path)
            key = parse_qs(url.query)["query"][0] if url.path == "/loki/api/v1/query" else url.path
            asked[key] += 1
            status, body = answers.get(key, (404, "404 page not found\n"))
            if url.path != "/ready" and self.headers.get("X-Scope-OrgID") != "shop":
                status, body = 401, "no org id\n"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        answers["url"], answers["asked"] = f"http://127.0.0.1:{server.server_port}", asked
        yield answers
        server.shutdown()
        thread.join()


@pytest.fixture
def shop(tmp_path, loki):
    """What signals of that Loki say, or why they say nothing."""

    def target(*signals, system=SYSTEM):
        folder = tmp_path / "systems" / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "system.toml").write_text(system + "".join(signals))
        (folder.parent / "house.toml").write_text("[limits]\n")
        return load_target("shop@local", Library(tmp_path, {"SHOP_LOKI": loki["url"]}))

    def read(*signals, system=SYSTEM):
        found = target(*signals, system=system)
        service = found.services["logs"]
        noun = Loki(service, measure([service], 0.0)["logs"])
        answers = {
            f"{name}({one.of})" if one.of else name: one.reason if one.value is None else one.value
            for name, signal in found.limits.signals.by_name.items()
            for one in Asked(noun, signal)
        }
        return noun, answers

    read.target = target
    return read


def signal(query=ERRORS, more='high = "> 3"', *, name="log.n", label=""):
    label = f', label = "{label}"' if label else ""
    return f'[signals."{name}"]\nread = {{ service = "logs", logql = \'{query}\'{label} }}\n{more}\n'


def test_it_is_up_where_it_is_ready_and_adds_up(shop, loki):
    assert shop()[0].answers().value is True
    del loki["/ready"]  # behind a gateway there is no such page
    assert shop()[0].answers().value is True
    loki["/ready"] = 503, "Ingester not ready: waiting for 15s after being ready\n"
    answer = shop()[0].answers()
    assert (answer.value, answer.reason[:25]) == (False, "/ready answered 503: Inge")


def test_nobody_there_is_down(shop, loki, a_port):
    loki["url"] = f"http://127.0.0.1:{a_port()}"
    noun, found = shop(signal())
    assert noun.answers().value is False
    assert found["log.n"].startswith("loki.up is red: /ready: connection refused")


def test_one_number_and_one_for_each_series(shop, loki):
    by_level = 'sum by (level, app) (rate({app="shop"} [1m]))'
    loki[ERRORS] = vector(({}, "1267"))
    loki[by_level] = vector(({"level": "info", "app": "a"}, "0.5"), ({"level": "error", "app": "a"}, "0.25"))
    assert shop(signal(), signal(by_level, name="log.by", label="level"))[1] == {
        "log.n": 1267.0, "log.by(info)": 0.5, "log.by(error)": 0.25,
    }  # fmt: skip


def test_no_line_counted_is_nothing_unless_the_file_says_what_it_means(shop, loki):
    loki[ERRORS] = vector()
    assert shop(signal())[1]["log.n"].startswith("there is nothing there")
    assert shop(signal(more='high = "> 3"\nwhen_empty = 0'))[1] == {"log.n": 0.0}


def test_log_lines_are_no_number_and_are_told_to_nobody(shop, loki):
    loki['{app="shop"}'] = 200, LINES
    noun, found = shop(signal('{app="shop"}'))
    assert (
        found["log.n"] == 'logs, asked for {app="shop"}, gives log lines: count them, as in count_over_time({…} [5m])'
    )
    assert SECRET not in found["log.n"] + str(noun.answers())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            (400, "parse error at line 1, col 5: syntax error"),
            "answered 400: parse error at line 1, col 5: syntax error",
        ),
        ((404, "404 page not found"), "it answered 404: 404 page not found: is this a Loki?"),
        ((200, "<html>sign in"), "is this a Loki?"),
        ((429, "too many outstanding requests"), "429"),
        ((403, "no"), "login refused"),
        ((500, "context deadline exceeded"), "500"),
        (vector(({}, "many")), "which is no sample"),
    ],
)
def test_what_is_no_answer_says_why(shop, loki, answer, words):
    loki[ERRORS] = answer
    noun, found = shop(signal())
    assert noun.answers().value is True
    assert words in str(found["log.n"])


def test_without_a_tenant_it_says_which_header(shop):
    answer = shop(system=SYSTEM.replace('headers = { X-Scope-OrgID = "shop" }\n', ""))[0].answers()
    assert answer.value is None
    assert answer.reason == 'logs wants a tenant: write headers = { X-Scope-OrgID = "…" } in its table'


def test_each_query_is_asked_once(shop, loki):
    loki[ERRORS] = vector(({}, "1"))
    signals = [signal(name=f"log.n{number}") for number in range(20)]
    noun, found = shop(*signals)
    assert (set(found.values()), loki["asked"][ERRORS]) == ({1.0}, 1)
    assert noun.readings.asked == cost(shop.target(*signals).services["logs"]) == 3


def test_growth_is_said_in_logql(shop):
    with pytest.raises(Mistakes, match="of a Loki it is said in LogQL"):
        shop.target(signal(more='as = "rate"\nhigh = "> 3"'))
