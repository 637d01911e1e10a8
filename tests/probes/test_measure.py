"""One reading of all services: at the same time, counters twice, costs counted, crashes said."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from drillbook.probes import measure as measuring
from drillbook.probes.http import Http
from drillbook.probes.measure import Meter, Readings, measure


class Api(BaseHTTPRequestHandler):
    """A small service: health, deals, and metrics that count."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        bodies = {"/health": '{"status": "ok"}', "/deals": '{"deals": [1]}'}
        body = bodies.get(self.path, f'http_requests_total{{status="200",path="/deals"}} {len(self.server.asked)}\n')
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def api():
    """A running one; `asked` lists its requests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads, server.asked = True, []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def backend(a_service, api):
    return a_service(
        "http",
        f"http://127.0.0.1:{api.server_port}",
        health={"path": "/health", "up": "$.status == 'ok'"},
        endpoints={"deals": {"path": "/deals", "json": "$.deals"}},
        metrics={"requests": "http_requests_total"},
    )


def test_a_service_is_read_once_and_its_counters_twice(api, backend):
    begun = time.monotonic()
    found = measure([backend], 0.3)["backend"]
    assert [path for path, _ in api.asked] == ["/health", "/deals", "/metrics", "/metrics"]
    assert found.asked == 4
    assert 0.25 < found.seconds < 1.0
    assert time.monotonic() - begun < 2
    noun = Http(backend, found)
    assert noun.answers().value is noun.serves("deals").value is True
    assert noun.traffic().value == pytest.approx(1 / found.seconds)
    assert noun.by == f"backend 127.0.0.1:{api.server_port}"


def test_what_is_sent_says_who_we_are_and_asks_for_no_compression(api, backend, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    measure([backend], 0.0)
    headers = api.asked[0][1]
    assert headers["User-Agent"].startswith("drillbook/")
    assert headers["Accept-Encoding"] == "identity"


def test_readings_cross_to_a_worker_as_json(backend):
    found = measure([backend], 0.1)["backend"]
    crossed = Readings.from_plain(json.loads(json.dumps(found.to_plain(), allow_nan=False)))
    assert crossed == found
    assert Http(backend, crossed).serves("deals").value is True


def test_a_service_that_is_down_does_not_make_the_others_wait(a_service, backend):
    found = measure([a_service("http", "http://127.0.0.1:1", name="gone", metrics={}), backend], 0.1)
    assert Http(backend, found["backend"]).answers().value is True
    assert found["gone"].asked == 1
    assert found["gone"].seconds == 0.0


def test_without_counters_nobody_waits(a_service, api):
    begun = time.monotonic()
    measure([a_service("http", f"http://127.0.0.1:{api.server_port}")], 30.0)
    assert time.monotonic() - begun < 3


def test_a_reader_that_crashes_is_a_reading_that_says_so(backend, monkeypatch):
    from drillbook.probes.reading import http as reader

    async def crash(*_):
        raise KeyError("oops")

    monkeypatch.setattr(reader, "facts", crash)
    found = measure([backend], 0.1)["backend"]
    assert found.first == {"error": {"kind": "unknown", "reason": "the probe crashed: KeyError: 'oops'"}}
    assert Http(backend, found).answers().value is None


def test_counters_that_crash_take_nothing_from_the_facts(backend, monkeypatch):
    from drillbook.probes.reading import http as reader

    async def crash(*_):
        raise KeyError("oops")

    monkeypatch.setattr(reader, "counters", crash)
    noun = Http(backend, measure([backend], 0.1)["backend"])
    assert noun.answers().value is True
    assert noun.traffic().reason == "/metrics: the probe crashed: KeyError: 'oops'"


def test_a_reader_that_cannot_be_imported_is_a_reading_that_says_so(backend, monkeypatch):
    monkeypatch.setattr(measuring, "_READERS", "drillbook.nowhere")
    reason = measure([backend], 0.1)["backend"].first["error"]["reason"]
    assert "the probe crashed: ModuleNotFoundError" in reason


def test_a_number_is_asked_for_live(a_service, api, backend):
    noun = Http(backend, measure([backend], 0.0)["backend"])
    before = noun.asked
    assert noun.json("/deals", "$.deals[0]", unit="deals").value == 1.0
    assert noun.json("/deals", "$.deals").reason == "/deals $.deals is [1], which is no number"
    assert noun.json("/deals", "$.items").reason == "/deals has no $.items ($ has: deals)"
    assert noun.asked == before + 3


def test_a_meter_measures_since_the_time_before_without_waiting_again(api, backend):
    meter = Meter([backend], 1.5)
    first, began = meter.measure()["backend"], time.monotonic()
    time.sleep(0.2)
    second = meter.measure()["backend"]
    assert time.monotonic() - began < 1.2, "only the first round waits"
    assert first.seconds == pytest.approx(1.5, abs=0.4)
    assert 0.15 < second.seconds < 1.2
    assert second.first["metrics"]["body"] == first.second["metrics"]["body"], "the second interval follows the first"
    once = ["/health", "/deals", "/metrics", "/metrics"]
    again = ["/metrics", "/health", "/deals", "/metrics"]
    assert [path for path, _ in api.asked] == once + again, "what we ask is in no interval"
    assert (first.asked, second.asked) == (4, 4)
