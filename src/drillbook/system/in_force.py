"""The limits in force for a system: those its file states, and for the rest the house defaults.

Names may hold a `*`: `*.ok` is the limit of every declared endpoint, `health.*` of every part that the health page
speaks of. `NAME(SERVICE)` is a limit of one service alone, which goes before the one called `NAME`. A name that neither
file knows is a mistake: a limit that nobody judges protects nobody. What is not asked of a service, because the file
switches it off or the service's roles leave it out, is a limit that judges nothing and says why.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.judging.limit import Limit
from drillbook.judging.verdict import titled
from drillbook.system.declared_signals import Signals, signals_of
from drillbook.system.kinds import OF_CERTIFICATES, UPSTREAM, kinds
from drillbook.system.names import nearest, split
from drillbook.system.stated import Known, stated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from drillbook.system.file import House, System
    from drillbook.system.kinds import Inside, Kind
    from drillbook.system.services import Service


@dataclass(frozen=True)
class Limits:
    """All limits in force, by title: `redis.memory`, and `redis.memory(broker)` for one service alone.

    `patterns` are the house names that hold a `*`; `stated` says which titles each title of the file stands for,
    `judged_on` which services a name is judged on, `kinds` what each service is, and `items` on which of its file
    systems (say) a name is judged one by one. `signals` are those that the file declares.
    """

    by_title: Mapping[str, Limit]
    patterns: tuple[str, ...] = ()
    stated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    judged_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    signals: Signals = field(default_factory=Signals)

    def __iter__(self) -> Iterator[Limit]:
        return iter(self.by_title.values())

    def named(self, name: str, service: str = "") -> Limit:
        """The limit called `name`, of `service` alone where there is one; Mistakes with the nearest names if none."""
        if found := self.find(name, service):
            return found
        raise Mistakes([f"no limit is called {name!r}{nearest(name, self.by_title)}"])

    def of_item(self, name: str, service: str, item: str) -> Limit:
        """As `named`, or the limit of one item of a signal alone where there is one."""
        return self.signals.of_items.get(titled(name, item)) or self.named(name, service)

    def find(self, name: str, service: str = "") -> Limit | None:
        """As `named`, but None where there is none."""
        return self.by_title.get(titled(name, service)) or self.by_title.get(name)

    def off(self, title: str) -> str:
        """Why what `title` names is judged on no service that it speaks of; empty where it is, or is unknown."""
        name, service = split(title)
        found = (self.find(name, one) for one in ([service] if service else self._spoken_of(name)))
        reasons = [one.off for one in found if one]
        return reasons[0] if reasons and all(reasons) else ""

    def label(self, name: str, service: str) -> str:
        """The service's name where a title must say which one is meant, else empty.

        It must where `name` speaks of several services, or where a limit of this one alone is stated.
        """
        several = len({*self.services_of(name, self.kinds.get(service, "")), *self._spoken_of(name)}) > 1
        return service if service and (several or titled(name, service) in self.by_title) else ""

    def title(self, name: str, service: str) -> str:
        """What the verdict of `name` on `service` is called in reports."""
        return titled(name, self.label(name, service))

    def services_of(self, name: str, kind: str = "") -> tuple[str, ...]:
        """The services that `name` is judged on; of a limit that only own checks judge, all of that `kind`."""
        if name in self.judged_on:
            return self.judged_on[name]
        return tuple(service for service, its in self.kinds.items() if its == kind)

    def titles(self) -> set[str]:
        """Everything that can be named: each limit, each of its services where there are several, and each item."""
        found = set(self.by_title)
        for name in {limit.name for limit in self}:
            services = self.judged_on.get(name, tuple(self.kinds))
            found |= {self.title(name, service) for service in services}
            found |= {titled(name, item) for service in services for item in self._items(name, service)}
        return found

    def _spoken_of(self, name: str) -> list[str]:
        """The services that `name` is judged on, and those for which there is a limit of that name alone."""
        alone = [split(title)[1] for title in self.by_title if title.startswith(f"{name}(")]
        return sorted({*self.judged_on.get(name, ()), *alone})

    def _items(self, name: str, service: str) -> Iterator[str]:
        label = self.label(name, service)
        yield from (f"{label}:{item}" if label else item for item in self.items.get((name, service), ()))


def limits_in_force(
    system: System, house: House, origin: str, certified: Collection[str] = ()
) -> tuple[Limits, list[str]]:
    """The limits that hold for `system`, and what is wrong with those it states; `origin` is where it states them.

    `certified` are the services whose certificates are looked at, beside those of kind `tls`.
    """
    known = _known(system, house, certified)
    found, mistakes = stated(system, known, origin)
    signals = signals_of(system, origin)
    milder = dict(_no_worse_than_down({**known.limits, **found}, system, certified))
    by_title = {**known.limits, **known.unasked, **milder, **found, **signals.limits(origin)}
    meant = {title: tuple(known.meant_by(title)) for title in system.limits}
    on = {**known.on, **{name: (one.service,) for name, one in signals.by_name.items()}}
    its = {name: service.kind for name, service in system.services.items()}
    items = _items(system) | {(name, one.service): one.names for name, one in signals.by_name.items()}
    mistakes += [*signals.mistakes, *_taken(signals, known)]
    return Limits(by_title, tuple(known.patterns), meant, on, its, items, signals), mistakes


def inside(system: System) -> Iterator[tuple[str, Inside]]:
    """What the tables of our own services hold that has to be judged, each with the service's name."""
    for name, service in system.services.items():
        if not is_upstream(service):
            yield from ((name, one) for part in kinds()[service.kind].parts for one in part.inside(service))


def is_upstream(service: Service) -> bool:
    """Whether it is somebody else's service that no noun speaks of; one that speaks HTTP is of a kind of its own."""
    return UPSTREAM in service.roles and service.kind != UPSTREAM


def _taken(signals: Signals, known: Known) -> Iterator[str]:
    """The signals that are called as something that is judged on this system anyway."""
    for name in signals.by_name:
        if known.house(name) and known.on.get(name, ("it",)):
            yield f'signals.{name}: is judged anyway: choose another name, or state its limit in [limits."{name}"]'


def _known(system: System, house: House, certified: Collection[str]) -> Known:
    defaults = {name: table.named(name) for name, table in house.limits.items()}
    patterns = {name: limit for name, limit in defaults.items() if "*" in name}
    declared = [one for one in _patterned(system) if one[1] in patterns]
    limits = {name: limit for name, limit in defaults.items() if name not in patterns}
    limits |= {name: replace(patterns[pattern], name=name) for name, pattern, _ in declared}
    unasked = {titled(name, service): why for name in limits for service, why in _unasked(name, system)}
    on = {name: tuple(_judged_on(name, system, declared)) for name in limits if _kind_of(name) or name not in defaults}
    on |= {name: (*its, *certified) for name, its in on.items() if name in OF_CERTIFICATES}
    on |= {pattern: tuple({owner: "" for _, its, owner in declared if its == pattern}) for pattern in patterns}
    return Known(limits, patterns, declared, on, unasked)


def _no_worse_than_down(
    limits: Mapping[str, Limit], system: System, certified: Collection[str]
) -> Iterator[tuple[str, Limit]]:
    """The house's ladders for certificates, where being down altogether is milder than their worst rung: what is left.

    Where that is nothing, the mildest rung is as bad as being down.
    """
    for name, service in itertools.product(OF_CERTIFICATES, certified):
        up = kinds()[system.services[service].kind].up
        down, rungs = limits.get(titled(up, service)) or limits.get(up), limits[name].rungs
        if (
            not down
            or down.off
            or name in system.limits
            or not rungs
            or max(one.severity for one in rungs) <= down.worst
        ):
            continue
        mildest = replace(min(rungs, key=lambda one: one.severity), severity=down.worst)
        left = [rung for rung in rungs if rung.severity <= down.worst]
        yield titled(name, service), replace(limits[name], rungs=tuple(left or [mildest]))


def _judged_on(name: str, system: System, declared: list[tuple[str, str, str]]) -> Iterator[str]:
    owners = [service for one, _, service in declared if one == name]
    yield from owners or (one for one, missing in _of_its_kind(name, system) if not missing)


def _unasked(name: str, system: System) -> Iterator[tuple[str, Limit]]:
    """The services that could be asked for `name`, and by their roles are not; with a limit that says so."""
    for one, missing in _of_its_kind(name, system):
        if missing:
            roles = ", ".join(system.services[one].roles)
            yield one, Limit(name, (), off=f"{one} has the role {roles}, not {missing}")


def _of_its_kind(name: str, system: System) -> Iterator[tuple[str, str]]:
    """The services that a house limit of that name could be judged on, each with the role that it lacks for it."""
    if kind := _kind_of(name):
        role = kind.roles.get(name, "")
        for one, service in system.services.items():
            if service.kind == kind.name and not is_upstream(service):
                yield one, role if service.roles and role not in service.roles else ""


def _kind_of(name: str) -> Kind | None:
    """The kind of service that a house limit of that name is judged on, if there is one."""
    word = name.partition(".")[0]
    return next((kind for kind in kinds().values() if word in kind.limits), None)


def _patterned(system: System) -> Iterator[tuple[str, str, str]]:
    """The limits that come of what a service declares: name, the house's pattern, and the service."""
    for service, one in inside(system):
        yield from ((name, of, service) for name, of in zip(one.limits, one.patterns, strict=True) if name != of)


def _items(system: System) -> dict[tuple[str, str], tuple[str, ...]]:
    """What a limit of a service is judged on one by one, by the two."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for service, one in inside(system):
        for name in one.limits if one.item else ():
            found[name, service] = (*found.get((name, service), ()), one.item)
    return found
