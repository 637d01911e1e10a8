"""What the README tells people to type does what it says."""

from __future__ import annotations

import json
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

README = "README.md"
FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
PAGES = {"/health": {"status": "ok"}, "/items": {"items": ["a bicycle"]}}


@pytest.fixture
def readme(pytestconfig):
    """The README's text."""
    return (pytestconfig.rootpath / README).read_text()


@pytest.fixture
def snippets(readme):
    """The README's snippets that are files, by path: the first line of each names it."""
    found = {}
    for _, text in FENCE.findall(readme):
        indent = re.match(r" *", text)[0]
        lines = [line.removeprefix(indent) for line in text.splitlines()]
        if path := re.fullmatch(r"# (\S+\.(?:toml|py))", lines[0]):
            found[path[1]] = "\n".join([*lines, ""])
    return found


@pytest.fixture
def web_shop():
    """The shop of the README: a health page and a list of items. Gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            page = PAGES.get(self.path)
            self.send_response(200 if page else 404)
            self.end_headers()
            self.wfile.write(json.dumps(page).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_first_check_of_a_new_user_works_as_written(project, snippets, readme, web_shop):
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    for path, text in snippets.items():
        project.write(path, text)
    [command] = re.findall(r"^ *pytest (checks --target shop@staging)$", readme, re.MULTILINE)
    ran = project.pytest(*command.split(), environ={"SHOP_URL": web_shop})
    assert ran.code == 0, ran.said
    assert project.verdicts()["items.ok"] == "OK"
    assert "shop has no redis service" in ran.said


def test_the_first_check_of_a_new_user_can_fail(project, snippets, web_shop, monkeypatch):
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    project.write("systems/shop/system.toml", snippets["systems/shop/system.toml"])
    monkeypatch.setitem(PAGES, "/items", {"items": []})
    ran = project.pytest("checks", "--target", "shop@staging", environ={"SHOP_URL": web_shop})
    assert ran.code == 1, ran.said
    assert "CRITICAL items.ok: no" in ran.said


def test_the_load_profile_of_a_new_user_works_as_written(project, snippets, web_shop):
    for path, text in snippets.items():
        project.write(path, text)
    arguments = ("load", "--target", "shop@staging", "--profile", "morning", "--confirm", "load shop@staging")
    ran = project.pytest(*arguments, environ={"SHOP_URL": web_shop})
    assert ran.code == 0, ran.said
    assert project.verdicts() == {"api.p95(morning)": "OK", "api.errors(morning)": "OK"}


def test_every_make_target_that_is_named_exists(readme, pytestconfig):
    targets = set(re.findall(r"^(\w+):", (pytestconfig.rootpath / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)", readme)) - {"and"} <= targets


def test_every_command_that_is_named_exists(readme, project):
    said = project.run("drillbook", "--help").said
    assert all(re.search(rf"\b{name}\b", said) for name in re.findall(r"`?drillbook (up|down|doctor|sweep)\b", readme))


def test_every_exit_code_is_explained(readme):
    from drillbook import gate

    codes = {value for name, value in vars(gate).items() if name.isupper() and isinstance(value, int)}
    assert codes <= {
        int(code) for row in re.findall(r"^\| ([\d, ]+) \|", readme, re.MULTILINE) for code in row.split(",")
    }
