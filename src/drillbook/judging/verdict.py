"""What was decided about one observation, and how verdicts compare: the worst one speaks for the run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from drillbook.judging.severity import Severity


class Outcome(StrEnum):
    """The four verdicts, and beside them `skipped`: not applicable here, for a stated reason."""

    OK = "OK"
    PENDING = "PENDING"
    BREACHED = "BREACHED"
    UNKNOWN = "UNKNOWN"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Verdict:
    """One judged limit.

    `severity` is the rung that tripped for BREACHED and what may be hidden for UNKNOWN (the limit's worst rung, or
    the one that would have tripped), else None; `worst`
    is always the limit's worst rung, which says whether this limit can reach a gate at all. `limit` is the
    condition in words ("> 1000 jobs"), `source` the runbook section or "house default", `check` the pytest
    node that asked, `service` the name of the service that was judged; `of` what the title must say beside the name.
    Of an UNKNOWN, `because` is the title of the limit that is its cause (`redis.up(broker)`), and weighs as much.
    `late` and `beside` are the observation's; where it was taken again, `takes` are all values with their lateness, in
    the order in which they were taken.
    """

    name: str
    outcome: Outcome
    severity: Severity | None
    worst: Severity
    value: float | bool | None = None
    unit: str = ""
    limit: str = ""
    reason: str = ""
    source: str = ""
    of: str = ""
    by: str = ""
    took: float = 0.0
    check: str = ""
    service: str = ""
    late: float = 0.0
    beside: int = 0
    because: str = ""
    takes: tuple[tuple[float | bool | None, float], ...] = ()

    @property
    def measured(self) -> bool:
        """Whether something was really measured: neither UNKNOWN nor skipped."""
        return self.outcome in (Outcome.OK, Outcome.PENDING, Outcome.BREACHED)

    @property
    def too_busy(self) -> bool:
        """Whether nothing could be told because we were late ourselves: that is no evidence of anything."""
        return self.outcome is Outcome.UNKNOWN and self.late + self.beside > 0

    @property
    def title(self) -> str:
        """The limit's name, and what it was asked about where there are several: `redis.up(broker)`."""
        return titled(self.name, self.of)

    def to_json(self) -> str:
        """One line of JSON: the only form in which a verdict crosses from an xdist worker."""
        plain = asdict(self) | {
            "outcome": self.outcome.value,
            "severity": self.severity.word if self.severity else None,
            "worst": self.worst.word,
        }
        return json.dumps(plain, ensure_ascii=True, allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Verdict:
        """The verdict that `to_json` wrote."""
        plain: dict[str, Any] = json.loads(line)
        plain["outcome"] = Outcome(plain["outcome"])
        plain["severity"] = Severity.named(plain["severity"]) if plain["severity"] else None
        plain["worst"] = Severity.named(plain["worst"])
        plain["takes"] = takes_of(plain["takes"])
        return cls(**plain)


def takes_of(plain: list[list[Any]]) -> tuple[tuple[Any, Any], ...]:
    """The takes of a verdict that plain JSON holds."""
    return tuple((value, late) for value, late in plain)


def titled(name: str, of: str) -> str:
    """A limit's name, and what it was asked about where there are several."""
    return f"{name}({of})" if of else name


def badness(verdict: Verdict) -> tuple[int, int]:
    """Orders verdicts: BREACHED by severity, UNKNOWN by what it might hide, PENDING, OK, skipped."""
    order = (Outcome.SKIPPED, Outcome.OK, Outcome.PENDING, Outcome.UNKNOWN, Outcome.BREACHED)
    return order.index(verdict.outcome), verdict.severity or 0


def worst_first(verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts in the order in which somebody on call wants to read them; ties by name."""
    return sorted(sorted(verdicts, key=lambda verdict: verdict.title), key=badness, reverse=True)
