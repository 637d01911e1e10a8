"""The limits that a system file states, held against what the house knows of their names.

A name may hold a `*`, as the house's do, and then stands for every name of that form which this system has. What is
stated for a name goes before what is stated for its pattern, and what is stated for one service before both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.judging.verdict import titled
from drillbook.system.kinds import OF_CERTIFICATES
from drillbook.system.names import nearest, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drillbook.judging.limit import Limit
    from drillbook.system.file import System
    from drillbook.system.limits import LimitTable


@dataclass(frozen=True)
class Known:
    """What can be stated: the house's limits by name, its patterns, and `declared`: what services declare beside them.

    `on` says which services a name is judged on; `unasked` are the limits, by title, that a service's roles leave out.
    """

    limits: Mapping[str, Limit]
    patterns: Mapping[str, Limit]
    declared: Sequence[tuple[str, str, str]]
    on: Mapping[str, tuple[str, ...]]
    unasked: Mapping[str, Limit]

    def meant_by(self, title: str) -> list[str]:
        """The titles that a stated one stands for: itself, or each that its pattern fits."""
        pattern, service = split(title)
        if "*" not in pattern:
            return [title]
        fitting = (name for name, its, owner in self.declared if its == pattern and service in ("", owner))
        return list(dict.fromkeys(titled(name, service) for name in fitting))

    def house(self, name: str) -> Limit | None:
        """What the house says of a name or a pattern."""
        return self.limits.get(name) or self.patterns.get(name)


def stated(system: System, known: Known, origin: str) -> tuple[dict[str, Limit], list[str]]:
    """The limits that the file states, by title, and what is wrong with them; `origin` is where that is."""
    found: dict[str, Limit] = {}
    mistakes: list[str] = []
    for title in sorted(system.limits, key=_rank):
        wrong = list(_mistakes(title, system, known))
        mistakes += wrong
        for one in known.meant_by(title) if not wrong else ():
            name, service = split(one)
            if one == title or not service or name not in system.limits:
                found[one] = system.limits[title].named(name, origin, house=known.house(name))
    return found, mistakes


def _rank(title: str) -> tuple[bool, bool]:
    """Orders titles by what goes before what: the last one is used."""
    name, service = split(title)
    return "*" not in name, bool(service)


def _mistakes(title: str, system: System, known: Known) -> Iterator[str]:
    name, service = split(title)
    own = any(one in system.limits and system.limits[one].own for one in (title, name))
    if not known.house(name) and not own:
        meant = nearest(name, known.patterns if "*" in name else [*known.limits, *known.patterns])
        own_one = "if a check of your own judges it, say own = true"
        yield f"limits.{title}: nothing is judged by that name{meant} - {own_one}"
        return
    there = known.on.get(name, tuple(system.services))
    if title != name and service not in there and not _has_no_certificate(title, system):
        why = f": {known.unasked[title].off}" if title in known.unasked else ""
        judged_on = ", ".join(there) or "no service of this file"
        yield f"limits.{title}: {name} is judged on {judged_on}; not on {service!r}{why}"
    elif not known.meant_by(title):
        yield f"limits.{title}: no service of this file declares anything that {name} stands for"
    else:
        yield from _against(known.house(name), title, system.limits[title])


def _has_no_certificate(title: str, system: System) -> bool:
    """Whether it is switched off for a service whose certificate is looked at in another environment, or could be."""
    name, service = split(title)
    return name in OF_CERTIFICATES and service in system.services and bool(system.limits[title].off)


def _against(house: Limit | None, title: str, table: LimitTable) -> Iterator[str]:
    """What is wrong with a ladder of something that the house knows: it is answered otherwise, or in another unit."""
    if table.keeps_the_house and not house:
        yield f"limits.{title}: has no rung: give at least one of low, medium, high, critical"
    if not house or table.off or table.keeps_the_house:
        return
    name, limit = split(title)[0], table.named(title)
    if limit.asks_yes_or_no != house.asks_yes_or_no:
        asked = "answered yes or no" if house.asks_yes_or_no else "a number"
        example = f'{house.worst.word} = "{house.rungs[-1].words("")}"'
        yield f"limits.{title}: {name} is {asked}: write, for instance, {example}"
    elif limit.unit != house.unit and not house.asks_yes_or_no:
        said = f"not in {limit.unit}" if limit.unit else "and the limit says no unit"
        right = f'write unit = "{house.unit}"' if house.unit else "leave unit out"
        yield f"limits.{title}.unit: {name} is measured in {house.unit or 'no unit'}, {said}: {right}"
