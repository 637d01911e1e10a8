"""A drill as it happens: steady state, fault, witness, symptom, fix, recovery, ledger, and the world restored.

While it lasts the real checks run in rounds beside it, and clients write and read. Each phase either comes out or
ends the drill with `Failed`, which names the phase; the world is restored in either case.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.polling import Patience, until
from drillbook.common.progress import both_ways, through, under_way
from drillbook.drills.clients import Clients
from drillbook.drills.failed import Failed, Unsettled
from drillbook.drills.mended import lingering, take
from drillbook.drills.phases import Phases
from drillbook.drills.rounds_seen import Green, RoundsSeen

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.common.progress import Say, Tell
    from drillbook.drills.drill import Drill
    from drillbook.drills.ledger import Ledgers
    from drillbook.drills.watch import Round, Watch
    from drillbook.faults.fault import Evidence
    from drillbook.stack.handle import Running

STEADY_WITHIN = 60.0  # without getting any better
STEADY_AT_MOST = 300.0
STEADY_ROUNDS = 2
RECOVERED_ROUNDS = 3  # "and stays so"
BITES_WITHIN = 10.0


@dataclass(frozen=True)
class Times:
    """What a drill measured, in seconds: to detect, since the fault began; to recover, since the fix began."""

    detected: float
    recovered: float


@dataclass
class Rehearsal:
    """One drill on one stack. With `control` the fix is left out, and the drill must not recover in its window."""

    drill: Drill
    running: Running
    watch: Watch
    ledgers: Ledgers
    tell: Tell
    control: bool = False
    _seen: RoundsSeen = field(init=False)
    _clients: Clients = field(init=False)
    _phases: Phases = field(init=False)
    _aside: Say = field(init=False)
    _broken_at: float = float("inf")
    _there_at: float = float("inf")
    _broken: bool = False

    def __post_init__(self) -> None:
        self._seen = RoundsSeen(self.drill, self.watch, self.running.target.name)
        self._clients = Clients(self.running.target, self.ledgers, self.tell)
        self._phases, self._aside = Phases(self.tell), through(self.tell)

    def run(self) -> Times:
        """The whole drill; Failed in the phase that did not come out."""
        try:
            return self._rehearse()
        except Failed as failed:
            self._phases.say_failed(failed)
            raise
        finally:
            self._clients.leave()

    def _rehearse(self) -> Times:
        self._begin()
        failed = None
        try:
            words = (f"breaking: {self.drill.fault.words}", "restoring the world")
            with both_ways(self.drill.fault.inject(self.running), *words, say=self._aside):
                times = self._incident()
        except Refused:
            raise
        except Mistakes as mistakes:
            failed = Failed("fault", str(mistakes))
        except Failed as failure:
            failed = failure
            self._phases.say_failed(failed)
        self._broken = False
        self._restored()
        if failed:
            raise failed
        self._no_surprises()
        self._clients.nothing_is_lost(self._phases)
        return times

    def _incident(self) -> Times:
        self._there_at = time.monotonic()
        self._witness()
        detected = self._symptom()
        self._clients.read_back_while_broken()
        if self.drill.as_written:
            self._as_written()
        if self.control:
            return Times(detected, self._does_not_recover())
        return Times(detected, self._fix())

    def _begin(self) -> None:
        phase = "steady state"
        self._all_green(phase, "the drill cannot begin")
        if not self._clients.are_served():
            raise Failed(phase, f"too little is acknowledged to clients: {self.ledgers.counts()}")
        self._phases.say(phase, "all green, clients are served")
        self._broken, self._broken_at = True, time.monotonic()
        self._phases.say("fault", self.drill.fault.words, runbook=self.drill.runbook)

    def _all_green(self, phase: str, otherwise: str) -> None:
        """As long as things get better: on a machine that is busy, that may take its time."""
        green, patience = Green(time.monotonic(), STEADY_ROUNDS), Patience(STEADY_WITHIN, STEADY_AT_MOST)
        settled, now = partial(self._seen.settled, green, patience), partial(self._seen.not_yet_green, green)
        self._wait("waiting for the steady state", settled, within=STEADY_AT_MOST, now=now)
        if not self._seen.streak(green):
            late, missing = self._seen.late_words(green.since), self._seen.not_green(STEADY_ROUNDS)
            raise Unsettled(phase, f"not all green {patience.words()}{late}, {otherwise}: {missing}")

    def _witness(self) -> None:
        seen: list[Evidence] = []
        with under_way("waiting until it bites", say=self._aside, at_most=BITES_WITHIN, now=lambda: seen[-1].words):
            until(lambda: self._looked(seen).there, within=BITES_WITHIN, every=0.3)
        if not seen[-1].there:
            raise Failed("witness", f"the fault did not bite: {seen[-1].words}")
        self._phases.say("witness", seen[-1].words)

    def _looked(self, seen: list[Evidence]) -> Evidence:
        seen.append(self.drill.fault.witness(self.running))
        return seen[-1]

    def _symptom(self) -> float:
        since, missing = self._broken_at, set(self.drill.symptom)
        red, now = partial(self._seen.all_red, missing, since), partial(self._seen.not_yet_red, missing)
        # To break a thing takes us as long as our machine needs for it: who is to notice has time from then on.
        within = self._there_at + self.drill.detects_within - time.monotonic()
        if not self._wait("waiting for the symptom", red, within=within, now=now):
            raise Failed("symptom", f"not red within {self.drill.detects_within:g} s: {self._seen.of(missing)}")
        self._no_surprises()
        detected = self._seen.first_red(since) - since
        late = self._seen.late(since, since + detected)
        words = f"{', '.join(self.drill.symptom)} red, detected after {detected:.1f} s{self._seen.late_words(since)}"
        self._phases.say("symptom", words, detected=detected, late=round(late, 3))
        return detected

    def _as_written(self) -> None:
        step = self.drill.as_written
        assert step is not None
        self._phases.say("as written", f"{step.words}: {take(step, self.running, 'as written', self._aside)}")
        since, within = time.monotonic(), self.drill.as_written_within
        healed, now = partial(self._seen.healed, since), self._seen.not_yet_healed
        if self._wait("watching that it does not heal", healed, within=within, now=now):
            raise Failed("as written", f"{step.words} healed it, and must not: use it as the fix")
        self._phases.say("as written", f"still red after {within:g} s, as expected")

    def _fix(self) -> float:
        self._still_red()
        fixed_at = time.monotonic()
        self._phases.say("fix", f"{self.drill.fix.words}: {take(self.drill.fix, self.running, 'fix', self._aside)}")
        untouched = lingering(lambda: self.drill.fault.witness(self.running))
        within = fixed_at + self.drill.recovers_within - time.monotonic()
        green = self._green("waiting for recovery", Green(fixed_at, RECOVERED_ROUNDS, but_may=True), within=within)
        if not green:
            missing = self._seen.not_green(RECOVERED_ROUNDS)
            raise Failed("recovery", f"not green within {self.drill.recovers_within:g} s: {missing}")
        if untouched and not self.drill.fault.witness(self.running).there:
            raise Failed("recovery", f"healed by itself: the fix had left everything as it was ({untouched})")
        recovered = green[0].ended - fixed_at
        words = f"all green {recovered:.1f} s after the fix, {green[0].ended - self._broken_at:.1f} s after the fault"
        late = self._seen.late(fixed_at, green[0].ended)
        self._phases.say("recovery", words + self._seen.late_words(fixed_at), recovered=recovered, late=round(late, 3))
        return recovered

    def _still_red(self) -> None:
        """A fix proves nothing where there is nothing left to mend."""
        if healed := self._seen.healed_by_now():
            raise Failed("fix", f"healed by itself before the fix: {healed}")

    def _does_not_recover(self) -> float:
        green, within = Green(time.monotonic(), RECOVERED_ROUNDS, but_may=True), self.drill.recovers_within
        self._phases.say("control", "the fix is left out")
        if self._green("watching that it does not recover", green, within=within):
            raise Failed("control", "it recovered without the fix, which therefore proves nothing")
        self._phases.say("control", f"not recovered after {within:g} s, as expected")
        return within

    def _restored(self) -> None:
        """The fault is undone: it must be gone, and the steady state back."""
        with under_way("looking whether the fault is gone", say=self._aside):
            evidence = self.drill.fault.witness(self.running)
        if evidence.there:
            raise Unsettled("restored", f"the fault is still there: {evidence.words}")
        self._all_green("restored", "the stack is given up")
        self._phases.say("restored", f"all green again; {evidence.words}")

    def _no_surprises(self) -> None:
        """What should hold must have held, and nothing unexpected may have turned red for two rounds running."""
        rounds = self.watch.since(self._broken_at)
        self._held(rounds)
        if surprise := self._seen.unasked(rounds):
            raise Failed("symptom", surprise)

    def _green(self, what: str, green: Green, *, within: float) -> list[Round]:
        """The green rounds that were waited for; none where they did not come."""
        found: list[Round] = []

        def seen() -> bool:
            found[:] = self._seen.streak(green)
            return bool(found)

        self._wait(what, seen, within=within, now=lambda: self._seen.not_yet_green(green))
        return found

    def _wait(self, what: str, seen: Callable[[], bool], *, within: float, now: Callable[[], str]) -> bool:
        try:
            with under_way(what, say=self._aside, at_most=within, now=now):
                return self.watch.wait(lambda: self._holds() and seen(), within=within)
        except Mistakes as mistakes:
            raise Failed("watch", str(mistakes)) from None

    def _holds(self) -> bool:
        """True, unless what should hold while the fault is there has just failed to."""
        if self._broken:
            self._held(self.watch.since(self._broken_at)[-1:])
        return True

    def _held(self, rounds: list[Round]) -> None:
        if fallen := self._seen.not_held(rounds):
            raise Failed("holds", fallen)
