"""A watch that is late itself: no evidence against the system, and more time for what is waited for."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from drillbook import Drill
from drillbook.common import polling
from drillbook.common.polling import Patience
from drillbook.drills.clients import Clients
from drillbook.drills.rounds_seen import Green, RoundsSeen
from drillbook.drills.watch import Round, Watch
from drillbook.faults import Evidence, Fault
from drillbook.fixes import Fix
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict

DRILL = Drill(
    runbook="Redis Unreachable",
    fault=Fault("redis is killed", (), lambda _: None, lambda _: Evidence(True, "")),
    symptom=("redis.up",),
    holds=("deals.latency",),
    fix=Fix("restart redis", lambda _: ""),
    detects_within=10,
    recovers_within=45,
)


def verdict(name, outcome, **more):
    return Verdict(name, outcome, Severity.HIGH, Severity.HIGH, source="house default", **more)


TOO_BUSY = verdict("deals.latency", Outcome.UNKNOWN, reason="this machine was too busy to tell: 1210 ms", late=900.0)
NO_ANSWER = verdict("deals.latency", Outcome.UNKNOWN, reason="deals was not served")
SLOW = verdict("deals.latency", Outcome.BREACHED, value=1210.0, unit="ms", limit="> 1000 ms", reason="x" * 500)


def rounds(*found, late=0.0):
    """A round a second for each of these lists of verdicts."""
    return [
        Round(number, number, number + 0.5, {one.title: one for one in verdicts}, late)
        for number, verdicts in enumerate(found, 1)
    ]


def seen(*found, late=0.0):
    watch = SimpleNamespace(rounds=rounds(*found, late=late))
    watch.since = lambda moment: [one for one in watch.rounds if one.began >= moment]
    return RoundsSeen(DRILL, watch, "shop@drill")


def test_what_a_busy_machine_could_not_tell_has_not_failed_to_hold():
    assert seen().not_held(rounds([TOO_BUSY])) == ""
    assert "deals.latency did not hold" in seen().not_held(rounds([NO_ANSWER]))
    assert "deals.latency did not hold" in seen().not_held(rounds([SLOW]))


def test_what_a_busy_machine_could_not_tell_is_not_red_and_not_green():
    found = seen([TOO_BUSY], [TOO_BUSY])
    assert found.unasked(found.watch.rounds) == ""
    assert not found.all_red({"deals.latency"}, 0)
    assert found.streak(Green(0, 1)) == []


def test_the_watch_says_how_late_it_was_where_that_is_much():
    late = seen([], [], [], late=0.4)
    assert late.late(0) == pytest.approx(1.2)
    assert late.late(2, until=2.5) == pytest.approx(0.4)
    assert late.late_words(0) == " (this machine was busy: the watch was 1.2 s late)"
    assert late.late_words(3) == ""


def test_a_wait_lasts_as_much_longer_as_the_watch_was_late(tmp_path):
    """Without that it would be over before the second round."""
    watch = Watch(None, tmp_path / "log")

    def add(line):
        watch._add({"round": line, "took": 0.0, "late": 60.0}, {})

    def seen():
        if not watch.rounds:
            add(1)
            threading.Timer(0.1, add, (2,)).start()
        return len(watch.rounds) == 2

    assert watch.wait(seen, within=0.05)


def test_a_wait_without_lateness_ends_when_it_is_over(tmp_path):
    watch = Watch(None, tmp_path / "log")
    threading.Timer(0.02, watch._add, ({"round": 1, "took": 0.0}, {})).start()
    assert not watch.wait(lambda: len(watch.rounds) == 2, within=0.2)


def test_what_is_not_green_is_said_in_a_line():
    more = [verdict(f"x{number}.ok", Outcome.UNKNOWN, reason="why") for number in range(5)]
    said = seen([SLOW, *more]).not_green(2)
    assert said.startswith("HIGH deals.latency: 1210 ms > 1000 ms, xxx")
    assert said.endswith("; and 3 more")
    assert len(said) < 300


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(polling, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    return now


def patience(clock):
    return Patience(60, 300, _began=clock.seconds, _better=clock.seconds)


def test_patience_lasts_as_long_as_things_get_better(clock):
    found = patience(clock)
    for number, missing in enumerate((5, 4, 3, 2, 1)):
        clock.seconds = 59 * number
        assert not found.is_over(missing)
    clock.seconds = 59 * 4 + 61
    assert found.is_over(1)
    assert found.words() == "after 297 s, and no better for 61 s"


def test_patience_ends_where_nothing_gets_better(clock):
    found = patience(clock)
    assert not found.is_over(3)
    clock.seconds = 61
    assert found.is_over(3)


def test_patience_is_not_endless(clock):
    found = patience(clock)
    for number in range(8):
        clock.seconds = 42.0 * number
        over = found.is_over(100 - number)
        assert over is (clock.seconds > 300)


def test_our_own_lateness_is_not_held_against_what_is_waited_for(clock):
    found = patience(clock)
    assert not found.is_over(3)
    clock.seconds = 61
    assert not found.is_over(3, late=10)


def test_how_far_it_is_counts_what_is_missing_and_then_the_green_rounds():
    green = Green(0, 3)
    ok = replace(SLOW, outcome=Outcome.OK, severity=None)
    assert seen().how_far(green) == math.inf
    assert seen([SLOW]).how_far(green) == 1
    assert seen([SLOW], [ok]).how_far(green) == -1
    assert seen([SLOW], [ok], [ok]).how_far(green) == -2


def test_a_steady_state_is_waited_for_until_it_is_there_or_nothing_gets_better():
    ok = replace(SLOW, outcome=Outcome.OK, severity=None)
    assert seen([ok], [ok]).settled(Green(0, 2), Patience(60, 300))
    assert not seen([ok], [SLOW]).settled(Green(0, 2), Patience(60, 300))
    past = time.monotonic() - 100
    assert seen([ok], [SLOW]).settled(Green(0, 2), Patience(60, 300, _best=0, _began=past, _better=past))


class Ledgers:
    """Ledgers to whose clients one more write is acknowledged every ten seconds, `most` at most."""

    def __init__(self, clock, most):
        self.clock, self.most, self.ok = clock, most, 0

    def wait_for(self, acknowledged, **_):
        self.clock.seconds += 10
        self.ok = min(self.ok + 1, self.most)
        return self.ok >= acknowledged

    def counts(self):
        return {"orders": {"ok": self.ok}}


@pytest.mark.parametrize(("most", "served"), [(5, True), (4, False)])
def test_clients_are_waited_for_as_long_as_more_is_acknowledged(clock, most, served):
    clients = Clients(SimpleNamespace(), Ledgers(clock, most), lambda *_, **__: None)
    assert clients.are_served() is served
    assert clock.seconds == (50 if served else 60)
