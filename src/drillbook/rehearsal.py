"""A drill as it happens: steady state, fault, witness, symptom, fix, recovery, ledger, and the world restored.

While it lasts the real checks run in rounds beside it, and clients write and read. Each phase either comes out or
ends the drill with `Failed`, which names the phase; the world is restored in either case.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from drillbook.mistakes import Mistakes, Refused
from drillbook.polling import until
from drillbook.report.line import line
from drillbook.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drillbook.drill import Drill
    from drillbook.faults.fault import Evidence
    from drillbook.fixes import Fix
    from drillbook.ledger import Ledgers
    from drillbook.stack.handle import Running
    from drillbook.watch import Round, Watch

STEADY_WITHIN = 60.0
STEADY_ROUNDS = 2
RECOVERED_ROUNDS = 3  # "and stays so"
BITES_WITHIN = 10.0
WRITES_WITHIN = 15.0
FEWEST_WRITES = 5


class Failed(Exception):
    """A drill that did not come out: in which phase, and why."""

    def __init__(self, phase: str, why: str) -> None:
        super().__init__(f"{phase}: {why}")
        self.phase, self.why = phase, why


class Unsettled(Failed):
    """A drill after which the steady state did not return: its stack must not be used again."""


class Tell(Protocol):
    """Takes a fact of the drill: the journal's kind for it, and the facts."""

    def __call__(self, kind: str, **facts: Any) -> None: ...


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
    _began: float = field(default_factory=time.monotonic)
    _broken_at: float = float("inf")
    _broken: bool = False

    def run(self) -> Times:
        """The whole drill; Failed in the phase that did not come out."""
        self._begin()
        failed = None
        try:
            with self.drill.fault.inject(self.running):
                times = self._incident()
        except Refused:
            raise
        except Mistakes as mistakes:
            failed = Failed("fault", str(mistakes))
        except Failed as failure:
            failed = failure
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
        self._read_back_while_broken()
        if self.drill.as_written:
            self._as_written()
        if self.control:
            return Times(detected, self._does_not_recover())
        return Times(detected, self._fix())

    def _begin(self) -> None:
        phase = "steady state"
        self._all_green(phase, "the drill cannot begin")
        if not self.ledgers.wait_for(FEWEST_WRITES, within=WRITES_WITHIN):
            raise Failed(phase, f"too little is acknowledged to clients: {self.ledgers.counts()}")
        self._say(phase, "all green, clients are served")
        self._broken, self._broken_at = True, time.monotonic()
        self._say("fault", self.drill.fault.words, runbook=self.drill.runbook)

    def _all_green(self, phase: str, otherwise: str) -> None:
        since = time.monotonic()
        if not self._wait(lambda: self._streak(since, STEADY_ROUNDS), within=STEADY_WITHIN):
            raise Unsettled(phase, f"not all green within {STEADY_WITHIN:.0f} s, {otherwise}: {self._not_green()}")

    def _witness(self) -> None:
        seen = [self.drill.fault.witness(self.running)]
        until(lambda: seen[-1].there or self._look_again(seen), within=BITES_WITHIN, every=0.3)
        if not seen[-1].there:
            raise Failed("witness", f"the fault did not bite: {seen[-1].words}")
        self._say("witness", seen[-1].words)

    def _look_again(self, seen: list[Evidence]) -> bool:
        seen.append(self.drill.fault.witness(self.running))
        return seen[-1].there

    def _symptom(self) -> float:
        missing = set(self.drill.symptom)
        if not self._wait(lambda: not self._still_green(missing), within=self._left(self.drill.detects_within)):
            raise Failed("symptom", f"not red within {self.drill.detects_within:g} s: {self._of(missing)}")
        self._no_surprises()
        detected = self._first_red() - self._broken_at
        self._say("symptom", f"{', '.join(self.drill.symptom)} red, detected after {detected:.1f} s", detected=detected)
        return detected

    def _as_written(self) -> None:
        step = self.drill.as_written
        assert step is not None
        self._say("as written", f"{step.words}: {self._apply('as written', step)}")
        since = time.monotonic()
        if self._wait(lambda: self._healed(since), within=self.drill.as_written_within):
            raise Failed("as written", f"{step.words} healed it, and must not: use it as the fix")
        self._say("as written", f"still red after {self.drill.as_written_within:g} s, as expected")

    def _fix(self) -> float:
        fixed_at = time.monotonic()
        self._say("fix", f"{self.drill.fix.words}: {self._apply('fix', self.drill.fix)}")
        within = fixed_at + self.drill.recovers_within - time.monotonic()
        if not self._wait(lambda: self._streak(fixed_at, RECOVERED_ROUNDS, but_may=True), within=within):
            raise Failed("recovery", f"not green within {self.drill.recovers_within:g} s: {self._not_green()}")
        recovered = self._streak(fixed_at, RECOVERED_ROUNDS, but_may=True)[0].ended - fixed_at
        broken = fixed_at + recovered - self._broken_at
        words = f"all green {recovered:.1f} s after the fix, {broken:.1f} s after the fault"
        self._say("recovery", words, recovered=recovered)
        return recovered

    def _apply(self, phase: str, step: Fix) -> str:
        try:
            return step.apply(self.running)
        except Refused:
            raise
        except Mistakes as mistakes:
            raise Failed(phase, f"{step.words}: {mistakes}") from None

    def _does_not_recover(self) -> float:
        since = time.monotonic()
        self._say("control", "the fix is left out")
        if self._wait(lambda: self._streak(since, RECOVERED_ROUNDS, but_may=True), within=self.drill.recovers_within):
            raise Failed("control", "it recovered without the fix, which therefore proves nothing")
        self._say("control", f"not recovered after {self.drill.recovers_within:g} s, as expected")
        return self.drill.recovers_within

    def _restored(self) -> None:
        """The fault is undone: it must be gone, and the steady state back."""
        evidence = self.drill.fault.witness(self.running)
        if evidence.there:
            raise Unsettled("restored", f"the fault is still there: {evidence.words}")
        self._all_green("restored", "the stack is given up")
        self._say("restored", f"all green again; {evidence.words}")

    def _no_surprises(self) -> None:
        """What should hold must have held, and nothing unexpected may have turned red for two rounds running."""
        rounds = self.watch.since(self._broken_at)
        self._held(rounds)
        for before, after in itertools.pairwise(rounds):
            for title in before.red().keys() & after.red().keys():
                verdict = after.verdicts[title]
                if not self.drill.expects(verdict.name):
                    raise Failed("symptom", f"{title} turned red unasked: {line(verdict, self.running.target.name)}")

    def _read_back_while_broken(self) -> None:
        for name, account in self.ledgers.account(within=0.0).items():
            self.tell("ledger", ledger=name, when="during the fault", **account.facts())

    def _account(self) -> None:
        self.ledgers.stop()
        for second in self.ledgers.traffic.seconds():
            self.tell("traffic", **second)
        accounts = self.ledgers.account()
        if not accounts:
            self._say("ledger", "none is declared: what clients lost is not known")
        for name, account in accounts.items():
            self.tell("ledger", ledger=name, when="after the fix", **account.facts())
        for account in accounts.values():
            if account.verdict is not Outcome.OK:
                phase = "ledger" if account.verdict is Outcome.BREACHED else "read back"
                raise Failed(phase, account.verdict_words)
            self._say("ledger", account.verdict_words)

    def _wait(self, seen: Callable[[], Any], *, within: float) -> bool:
        try:
            return self.watch.wait(lambda: self._holds() and bool(seen()), within=within)
        except Mistakes as mistakes:
            raise Failed("watch", str(mistakes)) from None

    def _holds(self) -> bool:
        """True, unless what should hold while the fault is there has just failed to."""
        if self._broken:
            self._held(self.watch.since(self._broken_at)[-1:])
        return True

    def _held(self, rounds: list[Round]) -> None:
        for one in rounds:
            for title, verdict in one.not_green().items():
                if verdict.name in self.drill.holds:
                    raise Failed("holds", f"{title} did not hold: {line(verdict, self.running.target.name)}")

    def _streak(self, since: float, length: int, *, but_may: bool = False) -> list[Round]:
        """The last rounds since then, if they are so many and all of them are green."""
        rounds: list[Round] = []
        for one in reversed(self.watch.since(since)):
            if any(not (but_may and self._is_may(verdict.name)) for verdict in one.not_green().values()):
                break
            rounds.insert(0, one)
        return rounds if len(rounds) >= length else []

    def _is_may(self, name: str) -> bool:
        return name not in self.drill.symptom and self.drill.expects(name)

    def _healed(self, since: float) -> bool:
        return any(set(self.drill.symptom) <= one.ok_names() for one in self.watch.since(since)[1:])

    def _still_green(self, missing: set[str]) -> set[str]:
        for one in self.watch.since(self._broken_at):
            missing -= one.red_names()
        return missing

    def _first_red(self) -> float:
        """When the last of the symptoms was red for the first time."""
        rounds = self.watch.since(self._broken_at)
        return max(next(one.ended for one in rounds if name in one.red_names()) for name in self.drill.symptom)

    def _left(self, seconds: float) -> float:
        return self._broken_at + seconds - time.monotonic()

    def _of(self, names: set[str]) -> str:
        newest: Mapping[str, Any] = self.watch.rounds[-1].verdicts if self.watch.rounds else {}
        found = [line(one, self.running.target.name) for one in newest.values() if one.name in names]
        return "; ".join(found) or f"nothing judged {', '.join(sorted(names))}"

    def _not_green(self) -> str:
        newest = self.watch.rounds[-1:]
        found = [line(verdict, self.running.target.name) for one in newest for verdict in one.not_green().values()]
        return "; ".join(found) or (f"it was not green for {STEADY_ROUNDS} rounds" if newest else "no round was over")

    def _say(self, phase: str, words: str, **facts: Any) -> None:
        at = time.monotonic() - self._began
        self.tell("phase", phase=phase, words=words, at=round(at, 2), **facts)
