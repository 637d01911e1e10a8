"""A drill as it happens: steady state, fault, witness, symptom, fix, recovery, ledger, and the world restored.

While it lasts the real checks run in rounds beside it, and clients write and read. Each phase either comes out or
ends the drill with `Failed`, which names the phase; the world is restored in either case.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from drillbook.clients import Clients
from drillbook.mistakes import Mistakes, Refused
from drillbook.polling import until
from drillbook.progress import both_ways, through, under_way
from drillbook.rounds_seen import Green, RoundsSeen
from drillbook.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.drill import Drill
    from drillbook.faults.fault import Evidence
    from drillbook.fixes import Fix
    from drillbook.ledger import Ledgers
    from drillbook.progress import Say, Tell
    from drillbook.stack.handle import Running
    from drillbook.watch import Round, Watch

STEADY_WITHIN = 60.0
STEADY_ROUNDS = 2
RECOVERED_ROUNDS = 3  # "and stays so"
BITES_WITHIN = 10.0


class Failed(Exception):
    """A drill that did not come out: in which phase, and why."""

    def __init__(self, phase: str, why: str) -> None:
        super().__init__(f"{phase}: {why}")
        self.phase, self.why, self.said = phase, why, False


class Unsettled(Failed):
    """A drill after which the steady state did not return: its stack must not be used again."""


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
    _aside: Say = field(init=False)
    _began: float = field(default_factory=time.monotonic)
    _broken_at: float = float("inf")
    _broken: bool = False

    def __post_init__(self) -> None:
        self._seen = RoundsSeen(self.drill, self.watch, self.running.target.name)
        self._clients = Clients(self.running.target, self.ledgers, self.tell)
        self._aside = through(self.tell)

    def run(self) -> Times:
        """The whole drill; Failed in the phase that did not come out."""
        try:
            return self._rehearse()
        except Failed as failed:
            self._say_failed(failed)
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
            self._say_failed(failed)
        self._broken = False
        self._restored()
        if failed:
            raise failed
        self._no_surprises()
        self._account()
        return times

    def _incident(self) -> Times:
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
        self._say(phase, "all green, clients are served")
        self._broken, self._broken_at = True, time.monotonic()
        self._say("fault", self.drill.fault.words, runbook=self.drill.runbook)

    def _all_green(self, phase: str, otherwise: str) -> None:
        green = Green(time.monotonic(), STEADY_ROUNDS)
        if not self._green("waiting for the steady state", green, within=STEADY_WITHIN):
            why = f"not all green within {STEADY_WITHIN:.0f} s, {otherwise}: {self._seen.not_green(STEADY_ROUNDS)}"
            raise Unsettled(phase, why)

    def _witness(self) -> None:
        seen: list[Evidence] = []
        with under_way("waiting until it bites", say=self._aside, at_most=BITES_WITHIN, now=lambda: seen[-1].words):
            until(lambda: self._looked(seen).there, within=BITES_WITHIN, every=0.3)
        if not seen[-1].there:
            raise Failed("witness", f"the fault did not bite: {seen[-1].words}")
        self._say("witness", seen[-1].words)

    def _looked(self, seen: list[Evidence]) -> Evidence:
        seen.append(self.drill.fault.witness(self.running))
        return seen[-1]

    def _symptom(self) -> float:
        since, missing = self._broken_at, set(self.drill.symptom)
        red, now = partial(self._seen.all_red, missing, since), partial(self._seen.not_yet_red, missing)
        within = since + self.drill.detects_within - time.monotonic()
        if not self._wait("waiting for the symptom", red, within=within, now=now):
            raise Failed("symptom", f"not red within {self.drill.detects_within:g} s: {self._seen.of(missing)}")
        self._no_surprises()
        detected = self._seen.first_red(since) - since
        self._say("symptom", f"{', '.join(self.drill.symptom)} red, detected after {detected:.1f} s", detected=detected)
        return detected

    def _as_written(self) -> None:
        step = self.drill.as_written
        assert step is not None
        self._say("as written", f"{step.words}: {self._apply('as written', step)}")
        since, within = time.monotonic(), self.drill.as_written_within
        healed, now = partial(self._seen.healed, since), self._seen.not_yet_healed
        if self._wait("watching that it does not heal", healed, within=within, now=now):
            raise Failed("as written", f"{step.words} healed it, and must not: use it as the fix")
        self._say("as written", f"still red after {within:g} s, as expected")

    def _fix(self) -> float:
        fixed_at = time.monotonic()
        self._say("fix", f"{self.drill.fix.words}: {self._apply('fix', self.drill.fix)}")
        within = fixed_at + self.drill.recovers_within - time.monotonic()
        green = self._green("waiting for recovery", Green(fixed_at, RECOVERED_ROUNDS, but_may=True), within=within)
        if not green:
            missing = self._seen.not_green(RECOVERED_ROUNDS)
            raise Failed("recovery", f"not green within {self.drill.recovers_within:g} s: {missing}")
        recovered = green[0].ended - fixed_at
        words = f"all green {recovered:.1f} s after the fix, {green[0].ended - self._broken_at:.1f} s after the fault"
        self._say("recovery", words, recovered=recovered)
        return recovered

    def _apply(self, phase: str, step: Fix) -> str:
        try:
            with under_way(f"taking the step: {step.words}", say=self._aside):
                return step.apply(self.running)
        except Refused:
            raise
        except Mistakes as mistakes:
            raise Failed(phase, f"{step.words}: {mistakes}") from None

    def _does_not_recover(self) -> float:
        green, within = Green(time.monotonic(), RECOVERED_ROUNDS, but_may=True), self.drill.recovers_within
        self._say("control", "the fix is left out")
        if self._green("watching that it does not recover", green, within=within):
            raise Failed("control", "it recovered without the fix, which therefore proves nothing")
        self._say("control", f"not recovered after {within:g} s, as expected")
        return within

    def _restored(self) -> None:
        """The fault is undone: it must be gone, and the steady state back."""
        with under_way("looking whether the fault is gone", say=self._aside):
            evidence = self.drill.fault.witness(self.running)
        if evidence.there:
            raise Unsettled("restored", f"the fault is still there: {evidence.words}")
        self._all_green("restored", "the stack is given up")
        self._say("restored", f"all green again; {evidence.words}")

    def _no_surprises(self) -> None:
        """What should hold must have held, and nothing unexpected may have turned red for two rounds running."""
        rounds = self.watch.since(self._broken_at)
        self._held(rounds)
        if surprise := self._seen.unasked(rounds):
            raise Failed("symptom", surprise)

    def _account(self) -> None:
        accounts = self._clients.account()
        if not accounts:
            self._say("ledger", "none is declared: what clients lost is not known")
        for account in accounts:
            if account.verdict is not Outcome.OK:
                phase = "ledger" if account.verdict is Outcome.BREACHED else "read back"
                raise Failed(phase, account.verdict_words)
            self._say("ledger", account.verdict_words)

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

    def _say_failed(self, failed: Failed) -> None:
        """When it happens, and not a second time."""
        if not failed.said:
            self._say(failed.phase, f"FAILED: {failed.why}")
            failed.said = True

    def _say(self, phase: str, words: str, **facts: Any) -> None:
        at = time.monotonic() - self._began
        self.tell("phase", phase=phase, words=words, at=round(at, 2), **facts)
