"""A real gunicorn with two processes, and a page that hangs: one is held, and nothing more is begun meanwhile."""

from __future__ import annotations

import subprocess

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Meter
from drillbook.probes.turns import Turns

EVERY = 30.0
METRICS = {"requests": "requests_total"}


@pytest.fixture
def service(a_service, server):
    """The service, with a page that may hang among others."""
    pages = {name: {"path": f"/{name}"} for name in ("first", "hang", "last", "more")}
    health, ready = {"path": "/health"}, {"path": "/ready"}
    return lambda **how: a_service(
        "http",
        server.address,
        endpoints=pages,
        health=health,
        ready=ready,
        metrics=METRICS,
        **{"deadline": "1s", **how},
    )


def test_a_page_that_hangs_holds_one_process_and_nothing_more_is_begun(server, service):
    server.hang()
    declared = service(at_once=1)
    found = Http(declared, Meter([declared], 0.0).measure()["backend"])
    assert (server.held(), server.asked()["/hang"]) == (1, 1)
    assert server.asked()["/last"] == server.asked()["/more"] == 0
    assert server.asked()["/metrics"] == 1, "it was read before the page that hangs was asked for"
    assert server.asked()["/health"] == 4, "three samples, and once more at the end"
    assert found.answers().value is found.serves("first").value is True
    assert found.serves("hang").value is False
    assert found.serves("hang").again is found.latency("first").again is None, "nothing is taken again meanwhile"
    left = "not asked: /hang: no answer within 1 s, and what hangs is left alone"
    assert found.serves("last").reason == f"/last: {left}"
    assert "/metrics: not asked: /hang: no answer" in found.traffic().reason
    assert left in found.get("/metrics").at("$").reason


def test_pages_asked_side_by_side_with_one_that_hangs_are_judged_by_what_they_said(server, service):
    server.hang()
    found = Http(declared := service(), Meter([declared], 0.0).measure()["backend"])
    assert (server.held(), server.asked()["/hang"]) == (1, 1)
    assert [found.serves(one).value for one in ("first", "hang", "last", "more")] == [True, False, True, True]
    assert found.serves("hang").beside == 0, "it hangs by itself: the others were served"


def test_what_hangs_is_asked_at_a_growing_distance_and_the_rest_as_always(server, service, clock, until):
    meter, declared = Meter([it := service(samples=1)], 0.0, Turns(EVERY)), it
    rounds, said = [], []
    for number in range(1, 10):
        server.hang()
        before = server.asked()
        found = Http(declared, meter.measure()["backend"])
        assert found.answers().value is found.serves("last").value is True
        assert found.serves("hang").value is False, "in between it is as it was when it was last asked"
        rounds += [number] * (server.asked()["/hang"] - before["/hang"])
        said.append(found.serves("hang").reason)
        server.go_on()
        clock.now += EVERY
    assert rounds == [1, 2, 4, 8]
    assert said[6].endswith("(asked 90 s ago, again in 30 s)")


def test_a_page_that_answers_again_is_asked_as_always(server, service, clock, until):
    roster = Turns(EVERY)
    meter, declared = Meter([it := service(samples=1)], 0.0, roster), it
    server.hang()
    meter.measure()
    assert roster.lines == ["backend endpoint hang is mute: asked again in 30 s"]
    server.go_on()
    for _ in range(3):
        clock.now += EVERY
        assert Http(declared, meter.measure()["backend"]).serves("hang").value is True
    assert server.asked()["/hang"] == 4


def test_a_service_that_is_mute_is_asked_one_question_until_that_is_answered(server, service, clock, until):
    """Somebody else's requests hold both processes."""
    server.hang()
    others = [subprocess.Popen(["curl", "-s", "-o", "/dev/null", f"{server.address}/hang"]) for _ in range(2)]
    until(lambda: server.held() == 2)
    roster = Turns(EVERY)
    meter, declared = Meter([it := service(samples=1)], 0.0, roster), it
    costs = []
    for _ in range(5):
        readings = meter.measure()["backend"]
        found = Http(declared, readings)
        assert found.answers().value is False
        assert found.serves("last").value is None
        costs.append(readings.asked)
        clock.now += EVERY
    assert costs == [1, 1, 0, 1, 0]
    assert roster.lines == [f"backend is mute: asked again in {gap} s" for gap in (30, 60, 120)]
    (server.room / "hangs").unlink()
    for one in others:
        one.wait(30)
    clock.now += 3 * EVERY
    again = Http(declared, (readings := meter.measure()["backend"]))
    assert again.answers().value is again.serves("last").value is True
    assert readings.asked >= 7


def test_what_a_check_of_ones_own_asks_keeps_its_turn_too(server, service, clock):
    roster = Turns(EVERY)
    meter, declared = Meter([it := service(samples=1)], 0.0, roster), it
    server.hang("/own")
    with roster.heeded():
        found = Http(declared, meter.measure()["backend"])
        assert found.get("/own").at("$.ok").reason == "/own: no answer within 1 s"
        assert found.get("/other").at("$.ok").reason.startswith("/other: not asked: /own: no answer within 1 s")
        assert roster.lines == ["backend /own is mute: asked again in 30 s"]
        server.go_on()
        answers = []
        for _ in range(2):
            found = Http(declared, meter.measure()["backend"])
            answers.append((found.get("/own").at("$.ok").value, found.get("/other").at("$.ok").value))
            clock.now += EVERY
    assert answers == [(None, True), (True, True)]
    assert server.asked()["/own"] == 2
