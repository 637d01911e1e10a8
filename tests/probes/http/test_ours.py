"""Where nobody visits a system, our own requests do, paced and within its budget, and are what is judged."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from drillbook.probes.http.figures.ours import WANTED
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Meter, cost, measure


class Shop(BaseHTTPRequestHandler):
    """Answers each request as `answers` says for its path, by how often it was asked before."""

    def do_GET(self):
        self.server.asked.append((self.path, time.monotonic()))
        number = [path for path, _ in self.server.asked].count(self.path)
        status = self.server.answers.get(self.path, lambda _: 200)(number)
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b'{"deals": [1]}')

    def log_message(self, *_):
        pass


@pytest.fixture
def shop():
    """A running one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads, server.asked, server.answers = True, [], {}
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


ENDPOINTS = {"deals": {"path": "/deals"}, "cards": {"path": "/cards"}}


@pytest.fixture
def quiet(a_service, shop):
    """Makes that service where nobody visits it."""

    def make(**declared):
        declared = {"health": {"path": "/health"}, "endpoints": ENDPOINTS, "samples": 1} | declared
        address = f"http://127.0.0.1:{shop.server_port}"
        return replace(a_service("http", address, name="shop", **declared), traffic="ours")

    return make


def noun(service, interval=0.2):
    return Http(service, measure([service], interval)["shop"])


def test_our_own_requests_are_judged_where_there_are_no_others(quiet, shop):
    api = noun(quiet())
    errors, p95, traffic = api.error_ratio(), api.p95(), api.traffic()
    assert (errors.value, errors.unit, errors.reason) == (0, "%", f"of our own {WANTED} requests")
    assert 0 < p95.value < 3000
    assert (p95.unit, p95.reason) == ("ms", f"of our own {WANTED} requests")
    assert (traffic.applies, traffic.reason) == (False, 'nobody but us asks shop here: traffic = "ours"')
    paths = [path for path, _ in shop.asked]
    assert (paths.count("/deals"), paths.count("/cards")) == (1 + WANTED / 2, 1 + WANTED / 2)
    assert api.readings.asked == cost(api.service) == len(paths)


def test_they_are_spread_over_the_interval(quiet, shop):
    noun(quiet(), interval=1.0)
    times = sorted(at for path, at in shop.asked if path != "/health")[len(ENDPOINTS) :]
    assert times[-1] - times[0] > 0.9


def test_what_fails_and_what_is_dropped_is_an_error(quiet, shop):
    shop.answers["/deals"] = lambda number: 503 if number > 6 else 200
    shop.answers["/cards"] = lambda number: None if number > 8 else 200
    api = noun(quiet())
    assert api.error_ratio().value == pytest.approx(100 * 8 / WANTED)
    assert api.p95().reason == f"only {WANTED - 8} of {WANTED} requests of our own were served"


@pytest.mark.parametrize(("status", "reason"), [(429, "services.shop.budget"), (403, "login refused for shop")])
def test_a_refusal_is_not_an_outage(quiet, shop, status, reason):
    shop.answers["/deals"] = lambda number: status if number > 5 else 200
    for one in (noun(quiet()).error_ratio(), noun(quiet()).p95()):
        assert one.value is None
        assert reason in one.reason


@pytest.mark.parametrize("status", [401, 429])
def test_a_refusal_that_is_declared_is_what_is_right(quiet, shop, status):
    shop.answers["/deals"] = lambda _: status
    api = noun(quiet(endpoints={**ENDPOINTS, "deals": {"path": "/deals", "expect": status}}))
    assert (api.error_ratio().value, api.p95().unit) == (0, "ms")


@pytest.mark.parametrize("status", [401, 429])
def test_a_class_of_statuses_declares_no_refusal(quiet, shop, status):
    shop.answers["/deals"] = lambda _: status
    api = noun(quiet(endpoints={**ENDPOINTS, "deals": {"path": "/deals", "expect": "4xx"}}))
    assert (api.error_ratio().value, api.p95().value) == (None, None)


def test_a_budget_without_room_for_them_is_kept(quiet, shop):
    api = noun(quiet(budget=f"{WANTED}/min"))
    assert len(shop.asked) == api.readings.asked == cost(api.service) == 3
    assert api.error_ratio().reason.startswith(
        f"the budget of shop, {WANTED}/min, has no room for the {WANTED} requests"
    )
    assert noun(quiet(budget=f"{WANTED + 3}/min")).error_ratio().value == 0


def test_without_endpoints_there_is_nothing_to_ask(quiet):
    for metrics, applies in ((None, False), ({"requests": "x_total"}, True)):
        answer = noun(quiet(endpoints={}, metrics=metrics)).error_ratio()
        assert (answer.value, answer.applies) == (None, applies)
        assert answer.reason.startswith("system.toml declares no endpoints for shop that our own requests could ask")


def test_what_is_down_is_not_visited(quiet, shop):
    shop.answers["/health"] = lambda _: 503
    api = noun(quiet())
    assert [path for path, _ in shop.asked] == ["/health"]
    assert api.error_ratio().reason.startswith("api.up is red: ")


def test_a_mute_service_is_not_asked_on_and_on(quiet, shop):
    held = threading.Event()
    shop.answers["/cards"] = shop.answers["/deals"] = lambda number: 200 if number == 1 else (held.wait(20), 200)[1]
    api = noun(quiet(deadline="0.5s", at_once=1))
    held.set()
    first, *others = api.readings.first["visits"]
    assert first["silent"]
    assert all(one["unasked"] for one in others)
    assert api.error_ratio().reason == "/cards: not asked: /deals: no answer within 0.5 s, and what hangs is left alone"


def test_every_round_makes_its_own(quiet, shop):
    service = quiet()
    meter = Meter([service], 0.1)
    for count in (1, 2, 3):
        answer = Http(service, meter.measure()["shop"]).error_ratio()
        assert (answer.value, len(shop.asked)) == (0, count * (3 + WANTED))


def test_visitors_are_not_replaced_where_there_are_some(quiet, shop):
    noun(replace(quiet(), traffic="visitors"))
    assert len(shop.asked) == 3
