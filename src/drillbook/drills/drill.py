"""A drill: one incident, as data. What breaks, what must turn red, what must hold, what mends it, and how soon."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from drillbook.system.names import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drillbook.faults.fault import Fault
    from drillbook.fixes import Fix
    from drillbook.judging.verdict import Verdict
    from drillbook.system.in_force import Limits
    from drillbook.system.target import Target


@dataclass(frozen=True, kw_only=True)
class Drill:
    """One incident of the runbook's section `runbook`.

    `symptom` names the limits that must turn red, `holds` those that must stay OK throughout, `may` those that may
    turn red beside them; a `*` in a name stands for anything. A limit's name speaks of all its services (any of them
    must turn red; all must hold), a title as reports print it of one: `redis.up(broker)`. `as_written` is the
    runbook's own step where it must *not* heal, watched for `as_written_within` seconds. `detects_within` counts from
    the fault's beginning, `recovers_within` from the fix's. `systems` names the systems it is for; empty for every
    one that has what it needs. All times are in seconds.
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
        both = [name for name in self.symptom if {name, split(name)[0]} & set(self.holds)]
        if both:
            raise ValueError(f"{', '.join(both)}: cannot be a symptom and hold as well")
        if min(self.detects_within, self.recovers_within, self.as_written_within) <= 0:
            raise ValueError("detects_within, recovers_within and as_written_within are seconds above 0")

    def expects(self, verdict: Verdict) -> bool:
        """Whether what this verdict judged may turn red in this drill."""
        return speaks_of(self.symptom, verdict) or any(
            fnmatchcase(name, pattern) for name in (verdict.name, verdict.title) for pattern in self.may
        )

    def why_not(self, target: Target) -> str:
        """Why this drill is not for the system of `target`; empty where it is."""
        system = target.system.system.name
        if self.systems and system not in self.systems:
            return f"it is for {', '.join(self.systems)}"
        lacking = [name for name in self._lacking(target.limits) if self._is_of_another(name, target.limits)]
        if lacking:
            return f"{system} has no limit called {', '.join(lacking)}"
        return "" if target.system.stack else f"{system} has no [stack]"

    def mistakes(self, limits: Limits, sections: list[str] | None) -> Iterator[str]:
        """What is wrong with the names it uses, a line each."""
        known = _known(limits)
        for name in self._lacking(limits):
            if not self._is_of_another(name, limits):
                yield f"no limit is called {name!r}{_of_which(name, limits)}"
        for pattern in self.may:
            if not any(fnmatchcase(name, pattern) for name in known):
                yield f"may: no limit is called {pattern!r}"
        if sections is not None and self.runbook not in sections:
            yield f"runbook: {self.runbook!r} is not among runbook.sections of the system file"

    def not_judged(self, limits: Limits) -> Iterator[str]:
        """A line for each limit that it needs and that is not judged on this system, with the reason."""
        for name in (*self.symptom, *self.holds):
            if why := limits.off(name):
                yield f"{name} is not judged here, and this drill needs it: {why}"

    def _lacking(self, limits: Limits) -> list[str]:
        known = _known(limits)
        return [name for name in (*self.symptom, *self.holds) if name not in known]

    def _is_of_another(self, name: str, limits: Limits) -> bool:
        """Whether the name is none here and may be one elsewhere: another system's endpoint, or its second server."""
        base, service = split(name)
        if service and base in _known(limits):
            return not self.systems
        return _fits(base, limits.patterns)


def speaks_of(names: Iterable[str], verdict: Verdict) -> bool:
    """Whether one of the names is the verdict's: its limit's name, or its title."""
    return not {verdict.name, verdict.title}.isdisjoint(names)


def _known(limits: Limits) -> set[str]:
    """What can be named: limits by name, and by title where a title says more."""
    return limits.titles() | {limit.name for limit in limits}


def _of_which(name: str, limits: Limits) -> str:
    """The titles there are of the limit that `name` means, as the end of a message."""
    base = split(name)[0]
    there = sorted(title for title in limits.titles() if split(title)[0] == base)
    return f" (there are: {', '.join(there)})" if there else ""


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
