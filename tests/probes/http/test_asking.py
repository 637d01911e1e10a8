"""Pages are asked for as often as declared, endpoints side by side up to a number, and what is sick is left alone."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from drillbook.probes.http import asking
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import cost, measure


class Api(BaseHTTPRequestHandler):
    """Answers when its server's gate says so, and counts how many wait at it."""

    def do_GET(self):
        server = self.server
        with server.lock:
            server.asked[self.path] += 1
            server.inside += self.path != "/health"
            server.most = max(server.most, server.inside)
            enough = server.inside >= server.together
        if enough:
            server.gate.set()
        if self.path != "/health":
            server.gate.wait(20)
        with server.lock:
            server.inside -= self.path != "/health"
        self.send_response(server.statuses(self.path, server.asked[self.path]))
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def api():
    """A running one; `together` is how many must be inside before anybody is answered."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads, server.lock, server.gate = True, threading.Lock(), threading.Event()
    server.request_queue_size = 100
    server.socket.listen(100)
    server.asked, server.inside, server.most, server.together = Counter(), 0, 0, 1
    server.statuses = lambda *_: 200
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def service(a_service, api):
    """Makes the service, with so many endpoints."""

    def make(endpoints=1, **declared):
        named = {f"e{number}": {"path": f"/{number}"} for number in range(endpoints)}
        address = f"http://127.0.0.1:{api.server_port}"
        return a_service(
            "http", address, health={"path": "/health"}, endpoints=named, **{"deadline": "30s", **declared}
        )

    return make


def read(service):
    return measure([service], 0.0)[service.name]


def test_what_is_timed_is_asked_three_times_and_the_median_is_the_value(api, service):
    declared = service()
    found = read(declared)
    assert api.asked == {"/health": 3, "/0": 3}
    assert found.asked == cost(declared) == 6
    page = found.first["pages"]["endpoint e0"]
    assert page["took"] == sorted(took for took, _, _ in page["samples"])[1]
    assert json.loads(json.dumps(found.to_plain())) == found.to_plain()


def test_a_file_says_how_many_samples(api, service):
    declared = service(samples=5)
    assert read(declared).asked == cost(declared) == 10


def test_endpoints_are_asked_side_by_side_up_to_the_number_that_the_file_sets(api, service):
    api.together = 4
    found = read(service(9, at_once=4, samples=1))
    assert api.most == 4
    beside = [page["beside"] for name, page in found.first["pages"].items() if name != "health"]
    assert max(beside) == 3
    assert found.first["pages"]["health"]["beside"] == 0


def test_one_at_a_time_is_one_at_a_time(api, service):
    read(service(5, at_once=1))
    assert api.most == 1


def test_a_sample_that_failed_ends_the_sampling_and_is_the_answer(api, service):
    api.statuses = lambda path, times: 503 if (path, times) == ("/0", 2) else 200
    noun = Http(declared := service(), read(declared))
    assert api.asked["/0"] == 2
    assert noun.serves("e0").value is False
    assert "503" in noun.serves("e0").reason


def test_what_is_slow_is_not_asked_again(api, service, monkeypatch):
    """Once half of the deadline is over: here the clock jumps while the first endpoint is asked."""
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + (20 if api.asked["/0"] else 0))
    monkeypatch.setattr(asking, "time", clock)
    read(service())
    assert api.asked == {"/health": 3, "/0": 1}


def test_an_endpoint_that_is_taken_again_is_asked_once_and_alone(api, service):
    api.together = 4
    noun = Http(declared := service(4, samples=1), read(declared))
    first = noun.latency("e0")
    assert first.beside == 3
    before = api.asked["/0"]
    fresh = first.again()
    assert (api.asked["/0"], fresh.beside) == (before + 1, 0)
    assert fresh.value != first.value
    assert fresh.by == first.by


def test_an_endpoint_that_fails_when_taken_again_says_so(api, service):
    noun = Http(declared := service(), read(declared))
    again = noun.latency("e0").again
    api.statuses = lambda *_: 500
    assert "e0 was not served: /0 answered 500" in again().reason


@pytest.mark.proof
def test_a_hundred_endpoints_are_asked_side_by_side_as_many_as_the_file_says(api, service):
    api.gate.set()

    def slow(path, times):
        time.sleep(0.1)
        return 200

    api.statuses = slow
    found = read(service(100, at_once=32, deadline="60s"))
    assert found.asked == 303
    pages = [page for name, page in found.first["pages"].items() if name.startswith("endpoint ")]
    assert max(page["beside"] for page in pages) == 31, "so many at once as the file says, and no more"
