"""A real limiter that answers 429 because we ask too often: that says nothing about the service, and is obeyed."""

from __future__ import annotations

import threading
from collections import Counter
from types import SimpleNamespace

import flask
import pytest
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.serving import make_server

from drillbook.probes import spending, turns
from drillbook.probes.http import signals
from drillbook.probes.http.noun import Http
from drillbook.probes.http.table import PageRead
from drillbook.probes.measure import Meter
from drillbook.probes.page import _seconds
from drillbook.probes.question import Unmeasured
from drillbook.probes.turns import Turns


@pytest.fixture
def limited():
    """A Flask application that lets /comps be asked four times an hour, and counts what it served and refused."""
    app = flask.Flask("limited")
    app.config["RATELIMIT_HEADERS_ENABLED"] = True
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    seen = Counter()
    app.add_url_rule("/health", view_func=lambda: {"ok": True}, endpoint="health")
    app.add_url_rule("/comps", view_func=limiter.limit("4 per hour")(lambda: {"comps": [1]}), endpoint="comps")

    @app.after_request
    def count(response):
        seen[flask.request.path, response.status_code] += 1
        return response

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(address=f"http://127.0.0.1:{server.server_port}", seen=seen)
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock(monkeypatch):
    """The clock by which turns are taken."""
    at = SimpleNamespace(now=1000.0)
    for module in (turns, spending):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: at.now))
    return at


@pytest.fixture
def asked(a_service, limited, clock):
    """Measures in rounds a minute apart: the noun after each of them."""

    def measure(rounds, *, every=60.0, **how):
        comps = {"path": "/comps", "json": "$.comps", **({"budget": how.pop("budget")} if "budget" in how else {})}
        service = a_service("http", limited.address, health={"path": "/health"}, endpoints={"comps": comps}, **how)
        meter = Meter([service], 0.0, Turns(every))
        for _ in range(rounds):
            yield Http(service, meter.measure()["backend"])
            clock.now += every

    return measure


def test_a_limiter_that_refuses_is_no_outage_and_is_asked_again_when_it_says(asked, limited):
    answers = [noun.serves("comps") for noun in asked(4, samples=3)]
    assert [one.value for one in answers] == [True, None, None, None]
    assert answers[1].reason.startswith("/comps answered 429, and wants to be asked again in 3")
    assert "state a budget (services.backend, or of the endpoint alone)" in answers[1].reason
    assert "it answered 429 (asked 60 s ago, again in 3" in answers[2].reason
    assert limited.seen["/comps", 429] == 1, "refused once, it is not asked before it wants to be"


def test_an_endpoints_budget_is_kept_and_what_it_leaves_out_is_said(asked, limited):
    answers = [noun.serves("comps") for noun in asked(4, samples=3, budget="4/h")]
    assert limited.seen["/comps", 429] == 0
    assert limited.seen["/comps", 200] == 4
    assert [(one.value, one.applies) for one in answers] == [(True, True), (True, True), (None, False), (None, False)]
    assert answers[3].reason == (
        "/comps: budget used up: 4/h, asked 120 s ago (services.backend.endpoints.comps.budget)"
    )
    assert limited.seen["/health", 200] == 12, "the rest is asked as always"


def test_fewer_samples_than_declared_are_said(asked):
    _, second = asked(2, samples=3, budget="4/h")
    assert second.latency("comps").reason == "1 of 3 samples: its budget has no more room"
    assert second.latency("comps").again is None


def test_a_budget_in_all_that_is_used_up_cannot_tell(asked, limited):
    answers = [noun.serves("comps") for noun in asked(3, samples=2, budget="4 in all")]
    assert [(one.value, one.applies) for one in answers] == [(True, True), (True, True), (None, True)]
    assert "budget used up: 4 in all" in answers[2].reason


@pytest.mark.parametrize(("budget", "rounds"), [("6 in all", 3), ("5 in all", 2), ("1 in all", 0)])
def test_a_services_budget_in_all_ends_what_is_asked_of_it(a_service, limited, clock, budget, rounds):
    health, ready = {"path": "/health"}, {"path": "/health?ready"}
    service = a_service("http", limited.address, health=health, ready=ready, samples=1, budget=budget)
    meter = Meter([service], 0.0, Turns(60.0))
    answers = [Http(service, meter.measure()["backend"]).answers() for _ in range(5)]
    assert [one.value for one in answers] == [True] * rounds + [None] * (5 - rounds)
    assert limited.seen["/health", 200] == 2 * rounds
    so_far = f"{2 * rounds} are asked, and " if rounds else ""
    assert answers[-1].reason == f"budget used up: {budget}, {so_far}reading it once asks 2 (services.backend.budget)"


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30.0), ("", None), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)]
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert _seconds(header) == seconds


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "login refused for backend (/metrics answered 401): check $ADMIN"),
        (403, "login refused for backend (/metrics answered 403): check $ADMIN"),
        (
            429,
            "/metrics answered 429: it is asked too often: state a budget (services.backend, or of the endpoint alone)",
        ),
        (404, "/metrics answered 404: are the metrics of backend elsewhere?"),
    ],
)
def test_metrics_that_refuse_us_say_what_to_look_at(a_service, a_page, some_readings, status, reason):
    metrics = {"path": "/metrics", "requests": "requests_total", "headers": {"X-Admin": {"env": "ADMIN"}}}
    service = a_service("http", "http://web:8000", health={"path": "/health"}, metrics=metrics)
    page = a_page("no", status=status)
    noun = Http(service, some_readings({"pages": {"health": a_page("ok")}, "metrics": page}, {"metrics": page}))
    assert noun.traffic().reason == reason
    read = PageRead(service="backend", metric="requests_total")
    with pytest.raises(Unmeasured, match=r"\$ADMIN|429|404"):
        signals.values(service, "x", read, {"metrics": page, "signals": {}})
