"""A journal as a story: what was run, what was judged, what was drilled, what was loaded, and how it ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.judging.gate import Gate
from drillbook.judging.severity import SEVERITY_WORDS, Severity
from drillbook.judging.verdict import Outcome
from drillbook.report.page.drills import Drill, drill_of, give_verdicts
from drillbook.report.page.facts import Facts, read
from drillbook.report.page.loads import Load
from drillbook.report.page.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Unread:
    """What of the journal could not be taken in: broken lines, kinds unknown to us, and fields that make no sense."""

    broken: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    odd: int = 0


@dataclass
class Story:
    """Everything that a journal tells; times are in seconds since 1970, None where they cannot be read."""

    lines: int = 0
    began: float | None = None
    last: float | None = None
    runs: dict[str, Facts] = field(default_factory=dict)
    end: Facts | None = None
    rows: Rows = field(default_factory=Rows)
    rounds: int = 0
    missed: int = 0
    drills: list[Drill] = field(default_factory=list)
    loads: dict[str, Load] = field(default_factory=dict)
    skips: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    unread: Unread = field(default_factory=Unread)
    _drilling: dict[str, Drill] = field(default_factory=dict)

    @property
    def run(self) -> Facts:
        """What the run says of itself and its only target; of several, its first."""
        return next(iter(self.runs.values()), Facts({}))

    def run_of(self, target: str) -> Facts:
        """What the run says of itself and that target."""
        return self.runs.get(target, self.run)

    @property
    def targets(self) -> list[str]:
        """The targets where there are several: those that the run began with, and whatever else is judged."""
        said = [row.target for row in self.rows.found.values()] + [target for target, _ in self.skips]
        return [*dict.fromkeys([*self.runs, *said])] if len(self.runs) > 1 else []

    @property
    def gate(self) -> Gate:
        """The gate of the run; the lowest there is where it cannot be read."""
        word = self.run.text("gate")
        return Gate(Severity.named(word) if word in SEVERITY_WORDS else Severity.LOW)

    @property
    def exit(self) -> int | None:
        """The exit code, None where the run did not end or its code cannot be read."""
        code = self.end.amount("exit") if self.end else None
        return None if code is None else int(code)

    @property
    def took(self) -> float | None:
        """How long the run took, or has been heard of."""
        until = self.end.moment() if self.end else self.last
        return None if self.began is None or until is None else until - self.began

    def take(self, line: Facts | None) -> None:
        """Takes in the journal's next line, None for one that could not be read."""
        self.lines += 1
        if line is None:
            self.unread.broken += 1
        elif line.kind not in _TAKES:
            self.unread.kinds[line.kind] += 1
        else:
            self._see(line.moment())
            _TAKES[line.kind](self, line)
            self.unread.odd += line.odd

    def _see(self, moment: float | None) -> None:
        if moment is not None:
            self.began = moment if self.began is None else self.began
            self.last = moment if self.last is None else max(moment, self.last)

    def _run(self, line: Facts) -> None:
        if not self.runs:
            self.began = line.moment() or self.began
        self.runs[line.text("target")] = line

    def _verdict(self, line: Facts) -> None:
        drill = self._drilling.get(line.text("worker"))
        if not line.text("name"):
            line.odd = True
        elif drill and line.number("round") is not None:
            drill.take(line)  # the watch of a drill: it belongs to the drill's timeline
        else:
            self._judged(line)

    def _judged(self, line: Facts) -> None:
        verdict = self.rows.add(line)
        if verdict.outcome is Outcome.SKIPPED:
            self.skips[line.text("target"), verdict.title] = verdict.reason

    def _round(self, line: Facts) -> None:
        if line.text("worker") not in self._drilling:
            self.rounds += 1
            self.missed += line.count("missed")

    def _skip(self, line: Facts) -> None:
        self.skips[line.text("target"), line.text("check")] = line.text("reason")

    def _refused(self, line: Facts) -> None:
        self.refused.append(line.text("reason"))

    def _drill(self, line: Facts) -> None:
        self._drilling[line.text("worker")] = drill_of(line)
        self.drills.append(self._drilling[line.text("worker")])

    def _end(self, line: Facts) -> None:
        self.end = line

    def _detail(self, line: Facts) -> None:
        """A line that belongs to a profile or to a drill."""
        profile = line.text("profile")
        drill = self._drilling.get(line.text("worker"))
        if profile:
            self.loads.setdefault(profile, Load(profile)).take(line)
        elif drill:
            drill.take(line)
        else:
            line.odd = True


_TAKES = {
    "run": Story._run,
    "verdict": Story._verdict,
    "round": Story._round,
    "skip": Story._skip,
    "drill": Story._drill,
    "refused": Story._refused,
    "end": Story._end,
    **dict.fromkeys(("phase", "ledger", "traffic", "load", "loaded"), Story._detail),
}


def story_of(journal: Path) -> Story:
    """The story of the journal at that path; OSError where it cannot be read."""
    story = Story()
    for line in read(journal):
        story.take(line)
    give_verdicts(story.drills, [row.verdict for row in story.rows.found.values() if row.of_a_drill])
    return story
