"""What a check of one's own asks a page for, live: each number, or the reason why there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import measure
from drillbook.probes.question import Unmeasured

STATUS = {"depth": 17, "ok": True, "text": "97.3", "none": None, "jobs": [{"id": 1}, {"id": 2}]}


class Pages(BaseHTTPRequestHandler):
    """Status for who has the key of that page, 503 with a body for health, and no other page."""

    def do_GET(self):
        self.server.asked.append(self.path)
        known = {"/status": (200, STATUS), "/health": (503, {"status": "bad", "size": 3}), "/busy": (429, {})}
        allowed = self.path != "/secret" or self.headers["X-Key"] == "of-the-page"
        status, body = known.get(self.path, (200, {"depth": 4}) if self.path == "/secret" else (404, {}))
        self.send_response(status if allowed else 401)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    """One that serves: what it was asked for is in `asked`."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    made.asked = []
    Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def api(server, a_service):
    """The noun of it, whose page /secret has a key of its own."""
    pages = {"health": {"path": "/health", "up": "$.status == 'ok'"}, "endpoints": {"secret": {"path": "/secret"}}}
    declared = a_service("http", f"http://127.0.0.1:{server.server_port}", samples=1, **pages)
    service = replace(declared, page_headers={"endpoint secret": {"X-Key": "of-the-page"}})
    noun = Http(service, measure([service], 0.0)["backend"])
    server.asked.clear()
    return noun


def test_a_page_is_asked_for_once_however_much_is_read_of_it(api, server):
    status = api.get("/status")
    found = [status.at("$.depth"), status.at("$.ok"), status.at("$.depth", unit="jobs"), status.at("$.jobs[1].id")]
    assert [(one.value, one.unit) for one in found] == [(17, "unsaid"), (True, "unsaid"), (17, "jobs"), (2, "unsaid")]
    assert (status.status, json.loads(status.text)) == (200, STATUS)
    assert found[0].by == f"backend 127.0.0.1:{server.server_port}"
    assert found[0].service == "backend"
    assert server.asked == ["/status"]


def test_what_is_asked_is_said_before_and_not_asked_where_it_may_not(api, server):
    said = []
    api.spend = lambda questions: said.append(questions) or ("not now" if len(said) > 1 else "")
    assert api.get("/status").at("$.depth").value == 17
    assert api.get("/status").at("$.depth").reason == "not now"
    assert api.get("status").at("$.depth").reason.startswith("'status' is no path")
    assert (said, server.asked) == ([1, 1], ["/status"])


def test_a_declared_page_has_its_headers_and_health_is_read_whatever_its_status(api):
    assert api.get("/secret").at("$.depth").value == 4
    assert api.get("/health").at("$.size").value == 3


@pytest.mark.parametrize(
    ("path", "where", "reason"),
    [
        ("/status", "$.missing", "/status has no $.missing ($ has: depth, ok, text, none, jobs)"),
        ("/status", "$.text", "/status $.text: it is the text '97.3'"),
        ("/status", "$.none", "/status $.none: there is nothing there"),
        ("/status", "$.jobs", "/status $.jobs: it is a list of 2"),
        ("/status", "$.jobs[*].id", "/status $.jobs[*].id: it answered 2 values: ask for one"),
        ("/status", "depth", "'depth' is no JSON path"),
        ("/none", "$.depth", "/none answered 404"),
        ("/busy", "$.depth", "/busy answered 429: it is asked too often"),
        ("status", "$.depth", "'status' is no path of a page: it begins with /"),
    ],
)
def test_what_is_no_number_says_why(api, path, where, reason):
    answer = api.get(path).at(where)
    assert answer.value is None
    assert answer.reason.startswith(reason)


def test_of_a_service_that_is_down_nothing_is_asked(a_service, a_port):
    service = a_service("http", f"http://127.0.0.1:{a_port()}", health={"path": "/health"}, samples=1)
    down = Http(service, measure([service], 0.0)["backend"]).get("/status")
    assert (down.at("$.depth").value, down.at("$.depth").because) == (None, "api.up")
    for what in ("status", "text"):
        with pytest.raises(Unmeasured, match="connection refused"):
            getattr(down, what)
