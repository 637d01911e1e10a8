"""The drills of a run, as the journal tells them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.judging.verdict import Outcome, titled
from drillbook.report.page.rows import outcome_of
from drillbook.report.page.seconds import Second, in_order, second_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drillbook.judging.verdict import Verdict
    from drillbook.report.page.facts import Facts

FAILED = "FAILED: "


@dataclass(frozen=True)
class Phase:
    """One phase: when it was told, `at` by the drill's own clock where it has one, both in seconds."""

    name: str
    words: str
    t: float | None
    at: float | None
    detected: float | None
    recovered: float | None

    @property
    def failed(self) -> bool:
        """Whether the drill failed in it."""
        return self.words.startswith(FAILED)


@dataclass(frozen=True)
class Reading:
    """What a ledger came to, when it was read back."""

    ledger: str
    when: str
    outcome: Outcome | None
    words: str
    acknowledged: int
    present: int
    lost: int
    maybe: int
    recovered: int


@dataclass
class Strip:
    """One limit under watch: when its outcome changed and to what; None is an outcome that is none of ours."""

    title: str
    changes: list[tuple[float, Outcome | None]] = field(default_factory=list)
    until: float = 0.0

    def add(self, moment: float, outcome: Outcome | None) -> None:
        """Takes in the next verdict; the journal's clock may be set back, a strip's is not."""
        moment = max(moment, self.until)
        if not self.changes or self.changes[-1][1] is not outcome:
            self.changes.append((moment, outcome))
        self.until = moment


@dataclass
class Drill:
    """One drill; `verdict` is None where the run ended in the middle of it."""

    check: str
    runbook: str
    control: bool
    began: float | None
    verdict: Verdict | None = None
    phases: list[Phase] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    seconds: list[Second] = field(default_factory=list)
    watched: dict[str, Strip] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The drill's short name."""
        return self.verdict.name if self.verdict else self.check.rpartition("::")[2] or "a drill without a name"

    @property
    def zero(self) -> float:
        """When the drill's own clock began, in seconds since 1970."""
        clocks = (phase.t - phase.at for phase in self.phases if phase.t is not None and phase.at is not None)
        told = (phase.t for phase in self.phases if phase.t is not None)
        return next(clocks, next(told, self.began or 0.0))

    @property
    def failure(self) -> Phase | None:
        """The phase in which it failed."""
        return next((phase for phase in self.phases if phase.failed), None)

    @property
    def reason(self) -> str:
        """Why it did not come out."""
        why = self.verdict.reason if self.verdict else ""
        return why.removeprefix(f"{self.failure.name}: ") if self.failure else why

    @property
    def detected(self) -> float | None:
        """Seconds from the fault until the symptoms were red."""
        return next((phase.detected for phase in self.phases if phase.detected is not None), None)

    @property
    def recovered(self) -> float | None:
        """Seconds from the fix until all was green."""
        return next((phase.recovered for phase in self.phases if phase.recovered is not None), None)

    @property
    def traffic(self) -> list[Second]:
        """The seconds of traffic by the drill's clock."""
        return in_order(self.seconds, zero=self.zero)

    def take(self, line: Facts) -> None:
        """Takes in a line that belongs to this drill."""
        if line.kind == "phase":
            self.phases.append(_phase(line))
        elif line.kind == "ledger":
            self.readings.append(_reading(line))
        elif line.kind == "traffic":
            self.seconds += filter(None, [second_of(line)])
        elif line.kind == "verdict":
            self._watch(line)

    def strips(self) -> list[Strip]:
        """The limits that were ever anything but OK, in the order in which they first were."""
        changed = [strip for strip in self.watched.values() if any(_not_ok(outcome) for _, outcome in strip.changes)]
        return sorted(changed, key=lambda strip: next(t for t, outcome in strip.changes if _not_ok(outcome)))

    def _watch(self, line: Facts) -> None:
        moment = line.moment()
        if moment is not None:
            title = titled(line.text("name"), line.text("of"))
            self.watched.setdefault(title, Strip(title)).add(moment, outcome_of(line))


def drill_of(line: Facts) -> Drill:
    """The drill that a line begins."""
    return Drill(line.text("check"), line.text("runbook"), line.flag("control"), line.moment())


def give_verdicts(drills: Iterable[Drill], verdicts: Iterable[Verdict]) -> None:
    """Gives each drill the verdict on it, which is told by the same check."""
    by_check = {verdict.check: verdict for verdict in verdicts}
    for drill in drills:
        drill.verdict = by_check.get(drill.check)


def _not_ok(outcome: Outcome | None) -> bool:
    return outcome not in (Outcome.OK, Outcome.SKIPPED)


def _phase(line: Facts) -> Phase:
    detected, recovered = line.amount("detected"), line.amount("recovered")
    return Phase(line.text("phase"), line.text("words"), line.moment(), line.amount("at"), detected, recovered)


def _reading(line: Facts) -> Reading:
    return Reading(
        ledger=line.text("ledger") or line.text("name"),
        when=line.text("when"),
        outcome=outcome_of(line),
        words=line.text("words"),
        acknowledged=line.count("acknowledged"),
        present=line.count("present"),
        lost=line.length("lost"),
        maybe=line.count("maybe"),
        recovered=line.count("recovered"),
    )
