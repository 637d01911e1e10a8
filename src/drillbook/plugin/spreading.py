"""How often a check runs, and for what: once for each target, and there for each service, endpoint, limit or signal."""

from __future__ import annotations

import functools
import itertools
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.plugin.inquiry import ASKS
from drillbook.plugin.spoken import ASKED, SIGNAL, kind_of, ours, services_of
from drillbook.system.kinds import OF_CERTIFICATES, kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from drillbook.plugin.inquiry import Inquiry
    from drillbook.system.kinds import Part
    from drillbook.system.target import Target


@dataclass(frozen=True)
class Run:
    """One time that a check runs: with what, by argument; what its id says of that; and why it is skipped, if it is."""

    given: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    skip: str = ""

    def __or__(self, other: Run) -> Run:
        return Run({**self.given, **other.given}, (*self.words, *other.words), self.skip or other.skip)

    def row(self, arguments: Iterable[str]) -> Any:
        """The run as pytest parametrizes with it; None stands for the only service of a noun."""
        marks = [pytest.mark.skip(reason=self.skip)] if self.skip else []
        return pytest.param(*(self.given.get(one) for one in arguments), id="-".join(self.words), marks=marks)


def runs(metafunc: pytest.Metafunc, inquiry: Inquiry) -> list[Run]:
    """The runs of a check on one target; what it is parametrized with anyway is left to that."""
    marks = metafunc.definition.iter_markers("parametrize")
    own = {name.strip() for mark in marks for name in _names(mark)}
    wanted = [name for name in metafunc.fixturenames if name not in own]
    parts = [*_for_target(inquiry), *_for_nouns(inquiry.target, wanted)]
    if ASKED in metafunc.fixturenames:
        parts.append(_for_limits(inquiry.target))
    if SIGNAL in wanted:
        parts.append(_for_signals(inquiry.target))
    return [functools.reduce(operator.or_, chosen, Run()) for chosen in itertools.product(*parts)]


def _names(mark: pytest.Mark) -> list[str]:
    names = mark.args[0] if mark.args else mark.kwargs["argnames"]
    return names.split(",") if isinstance(names, str) else list(names)


def _for_target(inquiry: Inquiry) -> Iterator[list[Run]]:
    """Where there are several targets, each for which."""
    if inquiry.several:
        yield [Run({ASKS: inquiry.target.name}, (inquiry.target.name,))]


def _for_nouns(target: Target, wanted: list[str]) -> Iterator[list[Run]]:
    for kind in kinds().values():
        parts = [part for part in kind.parts if part.each in wanted]
        if kind.noun in wanted and len(services_of(target, kind.noun)) > 1:
            yield _for_services(target, kind.noun, parts)
        else:
            yield from (_for_part(target, kind.noun, part) for part in parts)


def _for_services(target: Target, noun: str, parts: list[Part]) -> list[Run]:
    names = [noun, *(part.each for part in parts)]
    found = [
        (service.name, *chosen)
        for service in services_of(target, noun)
        for chosen in itertools.product(*(part.items(service.declared) for part in parts))
    ]
    return _of(names, found) or _none(names, f"{_system(target)} declares no {' and no '.join(names[1:])}")


def _for_part(target: Target, noun: str, part: Part) -> list[Run]:
    declared = dict.fromkeys(one for service in services_of(target, noun) for one in part.items(service.declared))
    return _of([part.each], [(one,) for one in declared]) or _none(
        [part.each], f"{_system(target)} declares no {part.each}"
    )


def _for_limits(target: Target) -> list[Run]:
    found = [(service.name, limit) for service in ours(target) for limit in kind_of(service).asks]
    certified = [service.name for service in ours(target) if service.certificate]
    found += [(name, limit) for name in certified for limit in OF_CERTIFICATES]
    reason = f"{_system(target)} has no service of a kind that brings its checks along"
    return _of([ASKED, "limit"], found) or _none([ASKED, "limit"], reason)


def _for_signals(target: Target) -> list[Run]:
    read = [(name,) for name, one in target.limits.signals.by_name.items() if not one.table.off]
    return _of([SIGNAL], read) or _none([SIGNAL], f"{_system(target)} declares no signals")


def _of(names: list[str], found: Sequence[tuple[str, ...]]) -> list[Run]:
    return [Run(dict(zip(names, values, strict=True)), values) for values in found]


def _none(names: list[str], reason: str) -> list[Run]:
    """In place of what there is not: what says so."""
    return [Run(dict.fromkeys(names, ""), ("none",), reason)]


def _system(target: Target) -> str:
    return target.system.system.name
