"""A drill: one incident, as data. What breaks, what must turn red, what must hold, what mends it, and how soon."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.faults.fault import Fault
    from drillbook.fixes import Fix
    from drillbook.limits import Limits
    from drillbook.target import Target


@dataclass(frozen=True, kw_only=True)
class Drill:
    """One incident of the runbook's section `runbook`.

    `symptom` names the limits that must turn red, `holds` those that must stay OK throughout, `may` those that may
    turn red beside them; a `*` in a name stands for anything. `as_written` is the runbook's own step where it must
    *not* heal, watched for `as_written_within` seconds. `detects_within` counts from the fault's beginning,
    `recovers_within` from the fix's. `systems` names the systems it is for; empty for every one that has what it
    needs. All times are in seconds.
    """

    runbook: str
    fault: Fault
    symptom: tuple[str, ...]
    fix: Fix
    detects_within: float
    recovers_within: float
    holds: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    as_written: Fix | None = None
    as_written_within: float = 6.0
    systems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.symptom:
            raise ValueError(f"a drill of {self.runbook!r} that expects no symptom proves nothing: name one")
        both = [name for name in self.holds if name in self.symptom]
        if both:
            raise ValueError(f"{', '.join(both)}: cannot be a symptom and hold as well")
        if min(self.detects_within, self.recovers_within, self.as_written_within) <= 0:
            raise ValueError("detects_within, recovers_within and as_written_within are seconds above 0")

    def expects(self, name: str) -> bool:
        """Whether the limit called `name` may turn red in this drill."""
        return name in self.symptom or any(fnmatchcase(name, pattern) for pattern in self.may)

    def why_not(self, target: Target) -> str:
        """Why this drill is not for the system of `target`; empty where it is."""
        system = target.system.system.name
        if self.systems and system not in self.systems:
            return f"it is for {', '.join(self.systems)}"
        lacking = [name for name in self._lacking(target.limits) if _fits(name, target.limits.patterns)]
        if lacking:
            return f"{system} has no limit called {', '.join(lacking)}"
        return "" if target.system.stack else f"{system} has no [stack]"

    def mistakes(self, limits: Limits, sections: list[str] | None) -> Iterator[str]:
        """What is wrong with the names it uses, a line each."""
        known = {limit.name for limit in limits}
        for name in self._lacking(limits):
            if not _fits(name, limits.patterns):  # what a pattern fits may be another system's endpoint
                yield f"no limit is called {name!r}"
        for pattern in self.may:
            if not any(fnmatchcase(name, pattern) for name in known):
                yield f"may: no limit is called {pattern!r}"
        if sections is not None and self.runbook not in sections:
            yield f"runbook: {self.runbook!r} is not among runbook.sections of the system file"

    def _lacking(self, limits: Limits) -> list[str]:
        known = {limit.name for limit in limits}
        return [name for name in (*self.symptom, *self.holds) if name not in known]


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
