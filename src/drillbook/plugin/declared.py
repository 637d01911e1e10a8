"""What is declared is judged: what a system file declares, held against what a run's verdicts and reasons speak of.

What nothing speaks of is UNKNOWN, as bad as it could be; where the run was told to leave something out, that is said
instead.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.judging.limit import HOUSE
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict, titled
from drillbook.plugin.spoken import kind_of, ours
from drillbook.system.in_force import inside, is_upstream
from drillbook.system.kinds import OF_CERTIFICATES, UPSTREAM
from drillbook.system.names import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drillbook.judging.limit import Limit
    from drillbook.system.target import Target

PERCENTILE = re.compile(r"api\.p\d{1,2}(\.\d+)?")
MOST_NAMED = 8
LIMITS = "limits."
SIGNALS = "signals."


@dataclass(frozen=True)
class Spoken:
    """What one verdict, or one check that was skipped or failed, speaks of."""

    names: frozenset[str]
    services: frozenset[str]
    parts: frozenset[str]


@dataclass(frozen=True)
class Declared:
    """One thing that the file declares: what it is called there, and what speaks of it.

    A verdict of one of `names` does, or of any limit where there are none; of `service` where one is given, and
    of its `part` (a mount). What comes of its certificate, `beside` all that is asked of it, does not.
    """

    what: str
    names: tuple[str, ...] = ()
    service: str = ""
    part: str = ""
    beside: tuple[str, ...] = ()

    def is_spoken_of(self, spoken: Spoken) -> bool:
        """Whether this is among what is spoken of."""
        return (
            (not spoken.names.isdisjoint(self.names) if self.names else not spoken.names <= {*self.beside})
            and (not self.service or self.service in spoken.services)
            and (not self.part or not spoken.parts.isdisjoint((self.part, f"{self.service}:{self.part}")))
        )


@dataclass
class Declarations:
    """What `target` declares, and what a run has said of it beside its verdicts."""

    target: Target
    heard: set[Spoken] = field(default_factory=set)

    def hear(self, about: str) -> None:
        """Takes in what a check is about that was skipped or failed."""
        found = json.loads(about)
        self.heard.add(Spoken(*(frozenset(found[key]) for key in ("names", "services", "items"))))

    def at_the_end(self, verdicts: list[Verdict], selection: str) -> tuple[list[Verdict], dict[str, str]]:
        """What is UNKNOWN for want of a verdict, and stated reasons by what they are for.

        Where there was a `selection`, what it left out is such a reason, and nothing is UNKNOWN for it.
        """
        unjudged, reasons = self.unjudged(verdicts), self.reasons(verdicts)
        if selection and unjudged:
            reasons[f"left out by {selection}"] = _named(unjudged)
        return [] if selection else unjudged, reasons

    def unjudged(self, verdicts: Iterable[Verdict]) -> list[Verdict]:
        """An UNKNOWN verdict for each thing that neither a verdict nor a stated reason speaks of."""
        spoken = self.heard | {_spoken(verdict) for verdict in verdicts}
        services = [one for one in _services(self.target) if not _is_spoken_of(one, spoken)]
        silent = {one.service for one in services}
        inside = [one for one in _inside(self.target) if not _is_spoken_of(one, spoken)]
        stated = [*_limits(self.target), *_signals(self.target)]
        limits = [one for one in stated if not self._off(one) and not _is_spoken_of(one, spoken)]
        found = [self._unknown(one, [part for part in inside if part.service == one.service]) for one in services]
        found += [self._unknown(one) for one in inside if one.service not in silent]
        return found + [self._unknown(one) for one in limits if not self._is_for_profiles(one)]

    def reasons(self, verdicts: Iterable[Verdict]) -> dict[str, str]:
        """Why some of what is declared is not judged by checks, by its name."""
        spoken = {_spoken(verdict) for verdict in verdicts}
        stated = [*_limits(self.target), *_signals(self.target)]
        limits = [one for one in stated if not _is_spoken_of(one, spoken)]
        found = {one.what: why for one in limits if (why := self._off(one))}
        found |= {one.what: "load profiles judge it: `pytest load`" for one in limits if self._is_for_profiles(one)}
        upstream = [name for name, one in self.target.services.items() if is_upstream(one.declared)]
        found |= {f"services.{name}": f"its role is {UPSTREAM}: no check asks it" for name in upstream}
        return found | self.target.not_asked

    def _is_for_profiles(self, declared: Declared) -> bool:
        """Whether it is a percentile that the house has no check for: `api.p99`, which profiles are held to."""
        name = declared.names[0]
        return bool(PERCENTILE.fullmatch(name)) and name not in self.target.limits.judged_on

    def _off(self, declared: Declared) -> str:
        """Why what the file states of a limit is that it is not judged; empty where it says no such thing."""
        system, limits = self.target.system, self.target.limits
        if declared.what.startswith(SIGNALS):
            items = limits.signals.of_items.get(declared.what.removeprefix(SIGNALS))
            return limits.named(declared.names[0]).off or (items.off if items else "")
        return system.limits[declared.what.removeprefix(LIMITS)].off or ""

    def _unknown(self, declared: Declared, inside: Iterable[Declared] = ()) -> Verdict:
        limits = [limit for one in (declared, *inside) for limit in self._limits_of(one)]
        worst = max(limits, key=lambda limit: limit.worst, default=None)
        severity = worst.worst if worst else Severity.CRITICAL
        source = worst.source if worst else HOUSE
        reason = f"declared, and nothing judged it: {self._next_step(declared)}"
        return Verdict(
            declared.what, Outcome.UNKNOWN, severity, severity, reason=reason, source=source, service=declared.service
        )

    def _limits_of(self, declared: Declared) -> Iterator[Limit]:
        names, limits = declared.names or (self._up(declared),), self.target.limits
        of_items = limits.signals.of_items
        found = (of_items.get(titled(name, declared.part)) or limits.find(name, declared.service) for name in names)
        yield from (limit for limit in found if limit)

    def _next_step(self, declared: Declared) -> str:
        if declared.what.startswith(SIGNALS):
            return "checks/test_signals.py judges it: keep that file, or delete it from system.toml"
        name = (declared.names or (self._up(declared),))[0]
        services = [declared.service] if declared.service else self.target.limits.services_of(name)
        nouns = {kind_of(self.target.services[service]).noun for service in services}
        with_ = f" that takes {nouns.pop()} and calls" if len(nouns) == 1 else " with"
        return f'add a check{with_} judge("{name}", …) to checks/, or delete it from system.toml'

    def _up(self, declared: Declared) -> str:
        return kind_of(self.target.services[declared.service]).up


def _named(verdicts: list[Verdict]) -> str:
    """The first of these by name, and how many more there are."""
    names, more = [verdict.title for verdict in verdicts[:MOST_NAMED]], len(verdicts) - MOST_NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _spoken(verdict: Verdict) -> Spoken:
    return Spoken(frozenset({verdict.name}), frozenset({verdict.service}), frozenset({verdict.of}))


def _is_spoken_of(declared: Declared, spoken: Iterable[Spoken]) -> bool:
    return any(declared.is_spoken_of(one) for one in spoken)


def _services(target: Target) -> Iterator[Declared]:
    for service in ours(target):
        beside = OF_CERTIFICATES if service.certificate else ()
        yield Declared(f"services.{service.name}", service=service.name, beside=beside)


def _limits(target: Target) -> Iterator[Declared]:
    for title, meant in target.limits.stated.items():
        names = tuple(dict.fromkeys(split(one)[0] for one in meant))
        yield Declared(f"{LIMITS}{title}", names, split(title)[1])


def _signals(target: Target) -> Iterator[Declared]:
    """The signals, and what must be there of each."""
    for name, one in target.limits.signals.by_name.items():
        for item in one.names or ("",):
            yield Declared(f"{SIGNALS}{titled(name, item)}", (name,), one.service, item)


def _inside(target: Target) -> Iterator[Declared]:
    """The pages, parts, endpoints and mounts of all services, as far as there is a limit for them that is not off."""
    known = {limit.name for limit in target.limits}
    for service, one in inside(target.system):
        is_off = all(target.limits.off(titled(name, service)) for name in one.limits)
        if known.intersection(one.limits) and not is_off:
            yield Declared(f"services.{service}.{one.what}", one.limits, service, one.item)
