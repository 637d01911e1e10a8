"""A drill as it happens, in a world that is a variable: what comes out, and what is said meanwhile."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import replace
from queue import Queue
from types import SimpleNamespace

import pytest

from drillbook import Drill
from drillbook.common import progress
from drillbook.common.mistakes import Mistakes
from drillbook.drills import mended
from drillbook.drills.failed import Failed
from drillbook.drills.rehearsal import Rehearsal
from drillbook.drills.watch import Round
from drillbook.faults import Evidence, Fault
from drillbook.fixes import Fix
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict

PATIENCE = 30  # seconds that a test waits for a line, which comes at once on a machine that has time
ROUNDS = 20  # that a phase is watched for


class World:
    """A stack with one service, the watch of it, and its ledgers, of which there are none."""

    def __init__(self):
        self.broken = False
        self.told = []
        self.heard = Queue()
        self.rounds = []
        self.slow = set()
        self.late = 0.0
        self.target = SimpleNamespace(name="shop@drill", system=SimpleNamespace(ledgers={}))
        self.traffic = SimpleNamespace(seconds=lambda: [{"requests": 7}])

    def tell(self, kind, **facts):
        (self.heard.put if kind == "progress" else self.told.append)((kind, facts))

    def phases(self, name=None):
        """What was told of the phases, or of one: in their order."""
        found = [(facts["phase"], facts["words"]) for kind, facts in self.told if kind == "phase"]
        return [words for phase, words in found if phase == name] if name else [phase for phase, _ in found]

    def progress(self, words):
        """Waits for a line of progress with these words."""
        while words not in (line := self.heard.get(timeout=PATIENCE)[1]["words"]):
            pass
        return line

    # what a drill asks of its watch
    def since(self, moment):
        return [one for one in self.rounds if one.began >= moment]

    def wait(self, seen, *, within):
        for _ in range(ROUNDS):
            if seen():
                return True
            now, outcome = time.monotonic(), Outcome.BREACHED if self.broken else Outcome.OK
            self.rounds.append(
                Round(len(self.rounds) + 1, now, now, {"redis.up": judged("redis.up", outcome)}, self.late)
            )
            if within in self.slow:
                self.slow.remove(within)
                self.said = self.progress("redis.up" if self.broken else "green for")
        return False

    # what a drill asks of its ledgers
    def wait_for(self, *_, **__):
        return True

    def account(self, **_):
        return {}

    def counts(self):
        return {}

    def stop(self):
        pass


def judged(name, outcome):
    """A verdict on something that is or is not."""
    return Verdict(name, outcome, Severity.HIGH, Severity.HIGH, value=outcome is Outcome.OK, source="Redis Unreachable")


@contextmanager
def broken(world):
    """Breaks the world while it lasts."""
    world.broken = True
    try:
        yield
    finally:
        world.broken = False


def mend(world):
    """What brings it back."""
    world.broken = False
    return "restarted"


DRILL = Drill(
    runbook="Redis Unreachable",
    fault=Fault("redis is killed", (), broken, lambda world: Evidence(world.broken, "redis: as it is")),
    symptom=("redis.up",),
    fix=Fix("restart redis", mend),
    detects_within=10,
    recovers_within=45,
)


@pytest.fixture
def world():
    return World()


def rehearse(world, **changes):
    """Rehearses the drill, changed; the world plays the stack, the watch and the ledgers."""
    return Rehearsal(replace(DRILL, **changes), world, world, world, world.tell).run()


def test_a_drill_comes_out_phase_by_phase(world):
    rehearse(world)
    expected = ["steady state", "fault", "witness", "symptom", "fix", "recovery", "restored", "ledger"]
    assert world.phases() == expected


def test_a_fix_that_cannot_be_taken_fails_as_the_fix_and_the_world_is_restored(world):
    def apply(_):
        raise Mistakes(["the engine says: no such image"])

    with pytest.raises(Failed) as failed:
        rehearse(world, fix=Fix("re-create redis", apply))
    assert (failed.value.phase, failed.value.why) == ("fix", "re-create redis: the engine says: no such image")
    assert not world.broken
    assert world.phases() == ["steady state", "fault", "witness", "symptom", "fix", "restored"]
    assert world.phases("fix") == ["FAILED: re-create redis: the engine says: no such image"], "said when it happens"
    assert world.told[-1] == ("traffic", {"requests": 7}), "what clients met is told of a failed drill too"
    assert world.phases("restored") == ["all green again; redis: as it is"]


def test_a_system_without_ledgers_says_that_what_clients_lost_is_not_known(world):
    rehearse(world)
    assert world.phases("ledger") == ["none is declared: what clients lost is not known"]


def test_what_does_not_recover_says_what_is_not_green(world):
    with pytest.raises(Failed, match=r"recovery: not green within 45 s: HIGH redis.up: no"):
        rehearse(world, fix=Fix("do nothing", lambda _: "nothing done"))
    assert not world.broken


def test_a_drill_that_cannot_begin_says_in_a_line_what_is_missing(world):
    world.broken = True
    with pytest.raises(Failed) as failed:
        rehearse(world)
    assert re.fullmatch(
        r"not all green after \d+ s, and no better for \d+ s, the drill cannot begin: HIGH redis\.up: no",
        failed.value.why,
    )


def test_what_was_detected_and_recovered_says_how_late_the_watch_was(world):
    world.late = 0.3
    rehearse(world)
    facts = {facts["phase"]: facts for kind, facts in world.told if kind == "phase"}
    assert facts["symptom"]["late"] == pytest.approx(0.3)
    assert facts["recovery"]["late"] >= 0.3
    assert "(this machine was busy: the watch was " in facts["recovery"]["words"]


def test_what_comes_back_before_the_fix_has_healed_by_itself(world):
    def account(within=None):
        if within == 0.0:  # the ledgers are read back while all is broken
            world.broken = False
            world.wait(lambda: len(world.rounds) and world.rounds[-1].ok_names(), within=0)
        return {}

    world.account = account
    with pytest.raises(Failed, match=r"fix: healed by itself before the fix: redis\.up"):
        rehearse(world)


def test_what_comes_back_after_a_fix_that_left_all_as_it_was_has_healed_by_itself(world, monkeypatch):
    monkeypatch.setattr(mended, "SECONDS", 0)

    def wait(seen, *, within):
        if within < 45:  # recovery, of whose 45 seconds the looks after the fix have taken some
            world.broken = False
        return World.wait(world, seen, within=within)

    world.wait = wait
    with pytest.raises(Failed, match=r"recovery: healed by itself: the fix had left .* as it was \(redis: as it is\)"):
        rehearse(world, fix=Fix("do nothing", lambda _: "nothing done"), detects_within=60)


def test_a_fix_that_needs_a_moment_to_act_is_given_it(world):
    looks = iter([True, True, True, False])

    def witness(_):
        return Evidence(next(looks, False), "sessions are still ending")

    rehearse(world, fault=replace(DRILL.fault, witness=witness))
    assert "recovery" in world.phases()


def test_a_drill_that_is_quick_says_nothing_beside_its_phases(world):
    rehearse(world)
    assert world.heard.empty()


@pytest.mark.parametrize(
    ("within", "changes", "said"),
    [
        (300.0, {}, r"… waiting for the steady state: \d+ of at most 300 s; green for 1 of 2 rounds"),
        (6.0, {"as_written": Fix("wait", lambda _: "waited")},
         r"… watching that it does not heal: \d+ of at most 6 s; still not OK: redis.up"),
    ],
)  # fmt: skip
def test_a_slow_wait_says_what_is_still_to_come(world, monkeypatch, within, changes, said):
    monkeypatch.setattr(progress, "EVERY", 0.02)
    world.slow.add(within)
    rehearse(world, **changes)
    assert re.fullmatch(said, world.said)


def test_a_slow_fix_says_which_step_is_being_taken(world, monkeypatch):
    monkeypatch.setattr(progress, "EVERY", 0.02)
    lines = []

    def apply(running):
        lines.append(world.progress("step"))
        return mend(running)

    rehearse(world, fix=Fix("restart redis", apply))
    assert re.fullmatch(r"… taking the step: restart redis: \d+ s so far", lines[0])


def test_a_fault_says_what_it_does_where_it_takes_long_to_break_and_to_restore(world, monkeypatch):
    monkeypatch.setattr(progress, "EVERY", 0.02)
    lines = []

    @contextmanager
    def inject(running):
        with broken(running):
            lines.append(world.progress("breaking"))
            yield
        lines.append(world.progress("restoring"))

    rehearse(world, fault=replace(DRILL.fault, inject=inject))
    assert [re.sub(r": \d+.*", "", line) for line in lines] == ["… breaking: redis is killed", "… restoring the world"]


def test_ledgers_that_are_slow_to_settle_say_for_how_long_and_how_much_is_acknowledged(world, monkeypatch):
    monkeypatch.setattr(progress, "EVERY", 0.02)
    lines = []

    def account(within=None):
        if within is None:
            lines.append(world.progress("of at most"))
        return {}

    world.target.system.ledgers = {"orders": SimpleNamespace(settles="45s")}
    world.counts = lambda: {"orders": {"ok": 64}}
    world.account = account
    rehearse(world)
    assert re.fullmatch(r"… reading the ledgers back: \d+ of at most 45 s; orders: 64 acknowledged", lines[0])


def test_progress_is_told_apart_from_the_facts_of_a_drill(world, monkeypatch):
    monkeypatch.setattr(progress, "EVERY", 0.02)
    world.slow.add(300.0)
    rehearse(world)
    assert {kind for kind, _ in world.told} == {"phase", "traffic"}
