"""The gate: which verdicts fail a run, and the exit code that comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drillbook.judging.verdict import Verdict

HELD = 0
BREACHED = 1
INTERRUPTED = 2
USAGE_ERROR = 4
NOTHING_COLLECTED = 5
COULD_NOT_TELL = 11
REFUSED = 12
LEFT_BEHIND = 13


@dataclass(frozen=True)
class Gate:
    """Fails what is as bad as `severity` or worse; milder breaches are printed and fail nothing."""

    severity: Severity = Severity.HIGH

    def fails(self, verdict: Verdict) -> bool:
        """Whether this verdict keeps the run from being green."""
        bad = verdict.outcome in (Outcome.BREACHED, Outcome.UNKNOWN)
        return bad and verdict.severity is not None and verdict.severity >= self.severity

    def measured(self, verdict: Verdict) -> bool:
        """Whether this verdict rests on a measurement that could have failed the run."""
        return verdict.measured and verdict.worst >= self.severity


@dataclass
class Trouble:
    """What bears on a run as a whole, whatever it asks.

    `native` is pytest's own code where it ended in a usage error, an interruption or a crash, else 0; `refused`
    and `lost` say why a run was refused or its record lost, `left` what was left behind.
    """

    native: int = 0
    refused: str = ""
    left: str = ""
    lost: str = ""

    @property
    def lines(self) -> list[str]:
        """Why the run was refused, what was left behind, what was lost."""
        return [*filter(None, (self.refused, self.left, self.lost))]


@dataclass
class Ending:
    """What came of one target: its `verdicts`, from so many `collected` checks, in a run with that `trouble`."""

    gate: Gate
    verdicts: list[Verdict] = field(default_factory=list)
    collected: int = 0
    trouble: Trouble = field(default_factory=Trouble)

    @property
    def judged(self) -> list[Verdict]:
        """The verdicts on what was judged: all but those that were skipped."""
        return [verdict for verdict in self.verdicts if verdict.outcome is not Outcome.SKIPPED]

    @property
    def nothing_measured(self) -> bool:
        """Whether nothing was measured that could have reached the gate."""
        return not any(self.gate.measured(verdict) for verdict in self.verdicts)

    def exit_code(self) -> int:
        """The exit code, by what matters most: crash, refused, breached, left behind, could not tell, nothing, 0."""
        trouble, failing = self.trouble, {verdict.outcome for verdict in self.verdicts if self.gate.fails(verdict)}
        could_not_tell = Outcome.UNKNOWN in failing or bool(trouble.lost) or (self.collected and self.nothing_measured)
        codes = (
            (trouble.native, trouble.native),
            (trouble.refused, REFUSED),
            (Outcome.BREACHED in failing, BREACHED),
            (trouble.left, LEFT_BEHIND),
            (could_not_tell, COULD_NOT_TELL),
            (not self.collected, NOTHING_COLLECTED),
        )
        return next((code for holds, code in codes if holds), HELD)


def worst_of(endings: Iterable[Ending]) -> int:
    """The exit code of a run with these targets: that of the one with what matters most."""
    milder = (REFUSED, BREACHED, LEFT_BEHIND, COULD_NOT_TELL, NOTHING_COLLECTED, HELD)
    codes = (ending.exit_code() for ending in endings)
    return min(codes, key=lambda code: milder.index(code) if code in milder else -1)
