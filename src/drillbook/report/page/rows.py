"""Verdicts as rows of a table: one for each limit of a check, at its worst, with how often it was red."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.judging.limit import HOUSE
from drillbook.judging.severity import SEVERITY_WORDS, Severity
from drillbook.judging.verdict import Outcome, Verdict, badness

if TYPE_CHECKING:
    from drillbook.report.page.facts import Facts

DRILL = "drill."


@dataclass
class Row:
    """One limit of one check on `target`: its worst verdict, and of `judged` times how often it was red or untold.

    `first` and `last` are when it was red, in seconds since 1970.
    """

    verdict: Verdict
    target: str = ""
    judged: int = 0
    red: int = 0
    unknown: int = 0
    first: float | None = None
    last: float | None = None

    def add(self, verdict: Verdict, moment: float | None) -> None:
        """Takes in the limit's next verdict."""
        if badness(verdict) > badness(self.verdict):
            self.verdict = verdict
        self.judged += 1
        self.unknown += verdict.outcome is Outcome.UNKNOWN
        if verdict.outcome is Outcome.BREACHED:
            self.red += 1
            self.first = moment if self.first is None else self.first
            self.last = moment

    @property
    def of_a_drill(self) -> bool:
        """Whether it is the verdict on a whole drill."""
        return self.verdict.name.startswith(DRILL)

    @property
    def house(self) -> bool:
        """Whether no runbook states this limit."""
        return self.verdict.source in ("", HOUSE)


@dataclass
class Rows:
    """All rows, by target, limit and check."""

    found: dict[tuple[str, ...], Row] = field(default_factory=dict)

    def add(self, line: Facts) -> Verdict:
        """Takes in a verdict line."""
        verdict, target = verdict_of(line), line.text("target")
        key = (target, verdict.name, verdict.of, verdict.check)
        row = self.found.setdefault(key, Row(verdict, target))
        row.add(verdict, line.moment())
        return verdict

    def worst_first(self) -> list[Row]:
        """The rows as somebody on call wants to read them; of a drill first its own verdict, ties by name."""
        by_name = sorted(self.found.values(), key=lambda row: (not row.of_a_drill, row.verdict.title))
        return sorted(by_name, key=lambda row: badness(row.verdict), reverse=True)


def verdict_of(line: Facts) -> Verdict:
    """The verdict that a line holds: UNKNOWN, and never green, where its outcome is none of ours."""
    outcome, severity = outcome_of(line), _severity(line.text("severity"))
    worst = _severity(line.text("worst")) or severity or Severity.CRITICAL
    reason = line.text("reason")
    if outcome is None:
        reason = f"the journal says {line.text('verdict') or 'nothing'!r}, which is no verdict; {reason}".rstrip("; ")
    bad = outcome not in (Outcome.OK, Outcome.PENDING, Outcome.SKIPPED)
    return Verdict(
        name=line.text("name"),
        outcome=outcome or Outcome.UNKNOWN,
        severity=severity or worst if bad else None,
        worst=worst,
        value=line.value("value"),
        unit=line.text("unit"),
        limit=line.text("limit"),
        reason=reason,
        source=line.text("from"),
        of=line.text("of"),
        by=line.text("by"),
        check=line.text("check"),
        service=line.text("service"),
        late=line.amount("late") or 0.0,
        beside=line.count("beside"),
        because=line.text("because"),
    )


def outcome_of(line: Facts) -> Outcome | None:
    """The outcome that a line holds, None for what is none of ours."""
    return _OUTCOMES.get(line.text("verdict"))


def _severity(word: str) -> Severity | None:
    return Severity.named(word) if word in SEVERITY_WORDS else None


_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
