"""The record of a run: what its checks came to, taken from their reports, journalled, and kept for its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.judging.verdict import Outcome, Verdict, badness
from drillbook.plugin.about import ABOUT, skip_reason, unexplained
from drillbook.plugin.judging import PROPERTY
from drillbook.plugin.live import live
from drillbook.report.section import Section

if TYPE_CHECKING:
    import pytest

    from drillbook.judging.gate import Ending
    from drillbook.judging.journal import Journal
    from drillbook.plugin.declared import Declarations
    from drillbook.system.target import Target


@dataclass
class Record:
    """What a run came to for `target`, one of `several` or the only one: its verdicts, and why something was skipped.

    Of many rounds the `ending` keeps each limit's worst verdict; the journal has them all. `declared`, where it is
    given, is what must have been judged in the end. `seen` counts the verdicts of each check, `in_round` has those
    of the round that was begun last; `again` is what was asked of each service for further takes, and live by checks of
    one's own, `asked` what it was asked beside checks.
    """

    target: Target
    journal: Journal
    ending: Ending
    several: bool = False
    declared: Declarations | None = None
    skips: dict[str, str] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    in_round: list[Verdict] = field(default_factory=list)
    _round: dict[str, Any] = field(default_factory=dict)
    _live: dict[str, int] = field(default_factory=dict)
    _rounds: int = 0

    def hear(self, report: pytest.TestReport) -> None:
        """Takes in the verdicts of a report; each phase repeats what came before, so only what is new counts."""
        if self.declared:
            for _, about in [one for one in report.user_properties if one[0] == ABOUT]:
                self.declared.hear(str(about))
        carried = [Verdict.from_json(str(text)) for name, text in report.user_properties if name == PROPERTY]
        for verdict in carried[self.seen.get(report.nodeid, 0) :]:
            self.take(verdict)
        self.seen[report.nodeid] = max(len(carried), self.seen.get(report.nodeid, 0))
        self._count_live(report)
        if report.skipped:
            self.skip(report.nodeid, skip_reason(report))
        if report.failed and not self.seen[report.nodeid]:
            self.take(unexplained(report))

    def begin_round(self, number: int) -> None:
        """What is heard from now on belongs to the round of that number."""
        self.seen, self._live, self.in_round, self._round = {}, {}, [], {"round": number}
        self._rounds = number

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts on the target so far."""
        return self.ending.verdicts

    def section(self, asked: dict[str, int]) -> Section:
        """What reports tell, where so much was asked of each service by checks, but for further takes."""
        found = {name: count + self.again.get(name, 0) for name, count in (self.asked | asked).items()}
        return Section(self.target, self.ending, self.several, self.skips, found, self._good_at_last())

    def judge_what_is_declared(self, declared: Declarations, selection: str) -> None:
        """What nothing judged is UNKNOWN, of the run as a whole; of a selection it is said what it leaves out."""
        self._round = {}
        unjudged, reasons = declared.at_the_end(self.verdicts, selection)
        for what, why in reasons.items():
            self.skip(what, why)
        for verdict in unjudged:
            self.take(verdict)

    def take(self, verdict: Verdict) -> None:
        """Journals a verdict and keeps it."""
        self.in_round.append(verdict)
        if verdict.takes:
            self.again[verdict.service] = self.again.get(verdict.service, 0) + len(verdict.takes) - 1
        self.journal.verdict(self.target.name, verdict, **self._round)
        kept = {one.title: one for one in self.verdicts} if self._round else {}
        before = kept.get(verdict.title)
        if before is None:
            self.verdicts.append(verdict)
        elif badness(verdict) > badness(before):
            self.verdicts[self.verdicts.index(before)] = verdict
        if verdict.outcome is Outcome.SKIPPED:
            self.skips[verdict.title] = verdict.reason

    def _good_at_last(self) -> set[str]:
        """What was OK in the last of several rounds."""
        found = self.in_round if self._rounds > 1 else []
        good = {one.title for one in found if one.outcome is Outcome.OK}
        return good - {one.title for one in found if one.outcome is not Outcome.OK}

    def _count_live(self, report: pytest.TestReport) -> None:
        """Counts what a check has asked live; as with verdicts, only what is new."""
        found = live(report)
        for service, questions in found[self._live.get(report.nodeid, 0) :]:
            self.again[service] = self.again.get(service, 0) + questions
        self._live[report.nodeid] = max(len(found), self._live.get(report.nodeid, 0))

    def skip(self, what: str, reason: str) -> None:
        """Notes, once, why something was skipped."""
        if self.skips.get(what) != reason:
            self.skips[what] = reason
            whose = {"target": self.target.name} if self.several else {}
            self.journal.write("skip", **whose, check=what, reason=reason)
