"""Whatever is asked of a service may hang: it is asked once, the rest of the round is left out, and it waits longer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.http.table import PageRead
from drillbook.probes.measure import Meter
from drillbook.probes.signal import Asked
from drillbook.probes.turns import Turns
from drillbook.system.signals import Signal, SignalTable

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = 30.0
LOGIN = {"path": "/login", "json": {"name": "x"}, "token": "$.token"}
QUERIED = {"from": "prometheus", "server": "prometheus", "up": "up", "rate": "sum(rate(requests_total[1m]))"}
DEPTH = {"read": {"service": "backend"}, "unit": "jobs", "high": "> 5"}


def a_signal(**how: Any) -> Signal:
    read = PageRead(service="backend", path="/status", json="$.depth")
    return Signal("queue.depth", SignalTable.model_validate(DEPTH | how), read)


@dataclass(frozen=True)
class Question:
    """The page that hangs, what is said to wait then, the table that has it asked, and what is concerned.

    `always` says whether that is so in each round; without a login, pages that want none are served.
    """

    path: str
    waits: str
    table: dict[str, Any]
    concerned: Callable[[Http], Any]
    signal: Signal | None = None
    seats: tuple[str, ...] = ("backend",)
    always: bool = True


def status(**how: Any) -> Question:
    signal = a_signal(**how)
    return Question("/status", "backend /status", {}, lambda noun: next(iter(Asked(noun, signal))), signal)


QUERY, METRICS = "/api/v1/query", {"metrics": {"requests": "requests_total"}}
QUESTIONS = {
    "login": Question("/login", "backend login", {"login": LOGIN}, lambda noun: noun.serves("first"), always=False),
    "ready": Question("/ready", "backend ready", {"ready": {"path": "/ready"}}, Http.ready),
    "endpoint": Question("/first", "backend endpoint first", {}, lambda noun: noun.serves("first")),
    "metrics": Question("/metrics", "backend metrics", METRICS, Http.traffic),
    "signal": status(),
    "signal read twice": status(**{"as": "increase"}),
    "Prometheus": Question(QUERY, "prometheus metrics.up of backend", {"metrics": QUERIED}, Http.traffic),
    "Prometheus with checks of its own": Question(
        QUERY, "prometheus query", {"metrics": QUERIED}, Http.traffic, seats=("prometheus", "backend")
    ),
}


@pytest.fixture(params=QUESTIONS.values(), ids=QUESTIONS)
def question(request):
    """What hangs."""
    return request.param


@pytest.fixture
def roster():
    """The turns of a run with a round every half a minute."""
    return Turns(EVERY)


@pytest.fixture
def rounds(server, a_service, clock, question, roster):
    """Measures in so many rounds: after each of them the noun, and what was asked in it."""
    endpoints = {name: {"path": f"/{name}"} for name in ("first", "last")}
    how = {"endpoints": endpoints, "health": {"path": "/health"}, "samples": 1, "deadline": "1s", "at_once": 1}
    prometheus = a_service("prometheus", server.address, name="prometheus", deadline="1s")
    web = replace(
        a_service("http", server.address, **how | question.table),
        signals={question.signal.name: question.signal} if question.signal else {},
        server=prometheus if "rometheus" in question.waits else None,
    )
    meter = Meter([{"backend": web, "prometheus": prometheus}[name] for name in question.seats], 0.0, roster)

    def measure(count):
        for _ in range(count):
            before = len(server.log())
            yield Http(web, meter.measure()["backend"]), server.log()[before:]
            clock.now += EVERY

    return measure


def test_what_hangs_is_asked_once_in_a_round_and_nothing_after_it_and_then_ever_less(server, rounds, question, roster):
    server.hang(question.path)
    asked_in = []
    for number, (noun, asked) in enumerate(rounds(5), 1):
        asked_in += [number] * asked.count(question.path)
        assert noun.answers().value is True
        if question.path not in asked:
            assert noun.serves("last").value is True, "the rest is asked as always"
        elif question.path != QUERY:
            assert set(asked[asked.index(question.path) + 1 :]) <= {"/health"}, "nothing is begun where one hangs"
        if question.always or number == 1:
            found = question.concerned(noun)
            assert found.value is None or found.value is False
            assert "no answer within 1 s" in found.reason
        server.go_on()
        server.hang(question.path)
    assert asked_in == [1, 2, 4]
    assert roster.lines == [f"{question.waits} is mute: asked again in {gap} s" for gap in (30, 60, 120)]
    server.go_on()
    *_, (noun, asked) = rounds(5)
    now = question.concerned(noun)
    assert now.value is not None, now.reason
    assert now.value is not False, now.reason
    assert question.path in asked
    assert len(roster.lines) == 3


def test_what_refuses_is_asked_again_when_it_says(server, rounds, question, roster):
    server.refuse(question.path)
    asked_in = []
    for number, (noun, asked) in enumerate(rounds(7), 1):
        asked_in += [number] * asked.count(question.path)
        assert noun.serves("last").value is True, "the rest is asked as always"
        if question.always:
            found = question.concerned(noun)
            assert found.value is None, "a refusal is no outage"
            assert "answered 429" in found.reason
    assert asked_in == [1, 5], "not a second before"
    assert roster.lines == [], "it is not mute"
