"""One reading of all services: at the same time, counters twice, costs counted, crashes said."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from drillbook.probes import measure as measuring
from drillbook.probes import seat
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Meter, Readings, cost, measure
from drillbook.probes.turns import Turns
from drillbook.system.kinds import kinds


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
        samples=1,
        deadline="60s",
    )


def test_a_service_is_read_once_and_its_counters_twice(api, backend):
    found = measure([backend], 0.3)["backend"]
    assert [path for path, _ in api.asked] == ["/health", "/metrics", "/deals", *["/metrics"] * 4]
    assert found.asked == cost(backend) == 7
    assert found.seconds > 0.25
    noun = Http(backend, found)
    assert noun.answers().value is noun.serves("deals").value is True
    assert noun.traffic().value == 0, "only our own readings were counted"
    assert noun.by == f"backend 127.0.0.1:{api.server_port}"


def test_what_can_be_done_meanwhile_is_done_between_the_two_readings_of_the_counters(api, backend):
    meter, done_after = Meter([backend], 0.0), []
    meter.meanwhile = lambda: done_after.append([path for path, _ in api.asked])
    for _ in range(2):
        meter.measure()
    assert done_after == [["/health", "/metrics", "/deals", "/metrics", "/metrics"]]


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


@pytest.fixture
def waits(monkeypatch):
    """How long the meter itself has waited, each time that it did, in seconds; it really waits."""
    found = []

    async def noted(seconds):
        found.append(seconds)
        await asyncio.sleep(seconds)

    monkeypatch.setattr(measuring, "asyncio", SimpleNamespace(gather=asyncio.gather, sleep=noted))
    return found


def test_without_counters_nobody_waits(a_service, api, backend, waits):
    measure([a_service("http", f"http://127.0.0.1:{api.server_port}")], 0.2)
    assert waits == []
    measure([backend], 0.2)
    assert len(waits) == 1


def test_a_reader_that_crashes_is_a_reading_that_says_so(backend, monkeypatch):
    from drillbook.probes.http import reading as reader

    async def crash(*_):
        raise KeyError("oops")

    monkeypatch.setattr(reader, "facts", crash)
    found = measure([backend], 0.1)["backend"]
    assert found.first == {"error": {"kind": "unknown", "reason": "the probe crashed: KeyError: 'oops'"}}
    assert Http(backend, found).answers().value is None


def test_counters_that_crash_take_nothing_from_the_facts(backend, monkeypatch):
    from drillbook.probes.http import reading as reader

    async def crash(*_):
        raise KeyError("oops")

    monkeypatch.setattr(reader, "counters", crash)
    noun = Http(backend, measure([backend], 0.1)["backend"])
    assert noun.answers().value is True
    assert noun.traffic().reason == "/metrics: the probe crashed: KeyError: 'oops'"


def test_a_reader_that_cannot_be_imported_is_a_reading_that_says_so(backend, monkeypatch):
    moved = replace(kinds()["http"], package="drillbook.nowhere")
    monkeypatch.setattr(seat, "kinds", lambda: {"http": moved})
    reason = measure([backend], 0.1)["backend"].first["error"]["reason"]
    assert "the probe crashed: ModuleNotFoundError" in reason


def test_a_meter_measures_since_the_time_before_without_waiting_again(api, backend, waits):
    meter = Meter([backend], 0.5)
    began = time.monotonic()
    first = meter.measure()["backend"]
    second = meter.measure()["backend"]
    assert len(waits) == 1, "only the first round waits"
    assert first.seconds > 0.45
    assert second.seconds > 0
    assert first.seconds + second.seconds <= time.monotonic() - began
    assert second.first["metrics"]["body"] == first.second["metrics"]["body"], "the second interval follows the first"
    once = ["/health", "/metrics", "/deals", *["/metrics"] * 4]
    again = ["/metrics", "/metrics", "/health", "/metrics", "/deals", "/metrics", "/metrics"]
    assert [path for path, _ in api.asked] == once + again, "what we ask is in no interval"
    assert (first.asked, second.asked) == (7, 7)


def test_two_of_one_name_are_measured_side_by_side_within_turns_of_their_own(a_service, api, backend, waits):
    other = a_service(
        "http", f"http://127.0.0.1:{api.server_port}", health={"path": "/health"}, samples=1, budget="1 in all"
    )
    meter = Meter([backend], 0.1)
    meter.join([other], Turns())
    first, second = meter.readings(), meter.readings()
    assert len(waits) == 1
    assert [one.asked for one in first] == [cost(backend), 1]
    assert [Http(service, one).answers().value for service, one in zip((backend, other), first, strict=True)] == [
        True
    ] * 2
    assert Http(backend, second[0]).answers().value is True
    assert second[1].first["error"]["reason"].startswith("budget used up")
