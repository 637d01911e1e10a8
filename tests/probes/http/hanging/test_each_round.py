"""Each round says what is so in it: whatever was wrong before, and whatever is wrong with other pages."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from drillbook.probes.failure import failure
from drillbook.probes.http.login import log_in, logged_in
from drillbook.probes.http.noun import Http
from drillbook.probes.http.table import PageRead
from drillbook.probes.measure import Meter
from drillbook.probes.runner import run
from drillbook.probes.signal import Asked
from drillbook.probes.turns import Turns
from drillbook.system.signals import Signal, SignalTable

EVERY = 30.0
LOGIN = {"path": "/login", "json": {"name": "x"}, "token": "$.token"}
PAGES = {"health": {"path": "/health", "up": "$.ok"}, "ready": {"path": "/ready"}}
ENDPOINTS = {name: {"path": f"/{name}"} for name in ("deals", "other")}
PATHS = ["/health", "/ready", "/deals", "/other", "/metrics", "/once", "/twice"]
SILENT = {"status": None, "error": failure("down", "no answer") | {"silent": True}, "silent": True}
BOUND = 20  # rounds: the longest gap is ten, and each of the others may come first once


def a_signal(path, **how):
    table = SignalTable.model_validate({"read": {"service": "backend"}, "high": "> 5"} | how)
    return Signal(path[1:], table, PageRead(service="backend", path=path, json="$.depth"))


@pytest.fixture
def rounds(web, a_service, clock):
    """Measures once more: the noun, and what was asked in that round."""

    def make(*, growing=True, **how):
        pages = {**PAGES, "endpoints": ENDPOINTS, "samples": 1, "deadline": "1s"}
        signals = {one.name: one for one in (a_signal("/once"), a_signal("/twice", **{"as": "increase"}))}
        service = replace(a_service("http", web.address, **pages, **how), signals=signals, login={"name": "x"})
        meter = Meter([service], 0.0, Turns(EVERY, growing=growing))

        def measure(**wrong):
            web.wrong = {f"/{path}": what for path, what in wrong.items()}
            web.taken()
            noun = Http(service, meter.measure()["backend"])
            clock.now += EVERY
            return noun, web.taken()

        return measure

    return make


def test_what_was_so_in_the_round_before_is_so_no_more(rounds):
    measure = rounds()
    measure()
    noun, _ = measure(deals="hang")
    assert noun.answers().value is True
    noun, asked = measure(**dict.fromkeys(("health", "deals", "ready", "other", "once", "twice"), "drop"))
    assert ("/health", "drop") in asked
    assert noun.answers().value is False
    assert noun.answers().reason == "/health: it closed the connection without an answer"
    noun, _ = measure()
    assert noun.answers().value is True


def test_what_has_come_to_hang_and_answers_again_does_so_at_once(rounds, web):
    """The health page hangs once something else does, and both are well in the next round."""
    measure = rounds()
    measure()
    web.after = {"/deals": {"/health": "hang"}}
    noun, _ = measure(deals="hang")
    assert noun.answers().value is False
    web.after = {}
    noun, asked = measure()
    assert ("/health", "well") in asked
    assert noun.answers().value is True
    assert noun.serves("other").value is True


@pytest.mark.parametrize("growing", [True, False])
def test_a_login_that_hung_once_is_tried_again_though_nobody_is_up_without_it(rounds, web, growing):
    measure, web.closed = rounds(login=LOGIN, growing=growing), {"/health", "/deals"}
    noun, asked = measure(login="hang")
    assert noun.answers().value is False
    assert ("/health", "401") in asked
    for _ in range(2):
        noun, asked = measure()
    assert ("/login", "well") in asked
    assert noun.answers().value is noun.serves("deals").value is True


def test_what_wants_a_login_is_served_once_that_is_well(rounds, web):
    measure, web.closed = rounds(login=LOGIN), {"/deals"}
    measure()
    noun, _ = measure(login="hang")
    assert noun.answers().value is True
    assert noun.serves("deals").value is None
    noun, asked = measure()
    assert ("/deals", "well") in asked
    assert noun.serves("deals").value is True


def test_a_login_that_was_not_even_tried_leaves_the_last_one_as_it_is(web, a_service):
    service = replace(a_service("http", web.address, login=LOGIN), login={"name": "of the last one"})
    roster = Turns(EVERY)
    with roster.heeded():
        assert run(log_in(service), within=30).headers
        roster.under_way(service).hear("ready", SILENT, asked="/ready")
        assert run(log_in(service), within=30).failed["reason"].startswith("the login failed: /login: not asked")
        assert run(logged_in(service), within=30).headers


def test_who_wants_to_be_asked_later_is_not_asked_because_another_hangs(rounds, web):
    measure = rounds(login=LOGIN)
    _, asked = measure(health="429")
    assert ("/health", "429") in asked
    noun, asked = measure(login="hang")
    assert ("/login", "hang") in asked
    assert "/health" not in dict(asked)
    assert noun.answers().value is None
    assert "(asked 30 s ago, again in 35 s)" in noun.answers().reason


def agrees(answer, path, asked):
    """Whether an answer about a page is what the server did in this round, or says since when it is so."""
    done = {what for where, what in asked if where == path}
    if answer.value is True:
        return done == {"well"}
    if answer.value is False:
        return done & {"hang", "drop", "503", "401"} or "s ago, again in" in answer.reason
    return answer.reason and "crashed" not in answer.reason


@pytest.mark.parametrize(("seed", "more"), [(7, {}), (9, {}), (104, {"login": LOGIN})])
def test_whatever_happens_each_round_agrees_with_what_the_server_did_in_it_and_ends_well(rounds, web, seed, more):
    chance, web.closed = random.Random(seed), {"/deals"} if more else set()
    measure = rounds(metrics={"requests": "requests_total"}, growing=not more, **more)
    for number in range(10):
        ill = [path[1:] for path in (*PATHS, *(["/login"] if more else ())) if chance.random() < 0.15]
        noun, asked = measure(**{one: chance.choice(["hang", "hang", "drop", "429", "503"]) for one in ill})
        answers = {"/health": noun.answers()} | {f"/{one}": noun.serves(one) for one in ENDPOINTS}
        wrong = {path: answer for path, answer in answers.items() if not agrees(answer, path, asked)}
        assert not wrong, (number, web.wrong, asked)
    for _ in range(BOUND):
        noun, asked = measure()
    questions = [noun.answers(), noun.ready(), *map(noun.serves, ENDPOINTS), noun.traffic()]
    questions += [next(iter(Asked(noun, one))) for one in noun.service.signals.values()]
    assert not [one.reason for one in questions if one.value is None or one.value is False]
