"""What checks speak of: the nouns, and the services that an item is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.system.in_force import is_upstream
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from drillbook.system.kinds import Kind
    from drillbook.system.target import Service, Target

ASKED = "asked"  # what its kind asks of a service by itself
SIGNAL = "signal"  # a number that only this system has


def kind_of(service: Service) -> Kind:
    """The kind of a service."""
    return kinds()[service.kind]


def services_of(target: Target, noun: str) -> list[Service]:
    """The services that the noun stands for."""
    return [one for one in ours(target) if kind_of(one).noun == noun]


def ours(target: Target) -> list[Service]:
    """All services that nouns stand for: those that are not somebody else's."""
    return [one for one in target.services.values() if not is_upstream(one.declared)]


def runs_for(item: pytest.Item) -> dict[str, str]:
    """The services that an item runs for, one after the other, by the argument that stands for each."""
    params = parameters(item)
    arguments = [*(kind.noun for kind in kinds().values()), ASKED]
    return {name: wanted for name in arguments if isinstance(wanted := params.get(name), str)}


def chosen(item: pytest.Item, target: Target) -> Iterator[Service]:
    """The services that an item speaks of: those that it runs for, and all that its other nouns stand for."""
    those, taken = runs_for(item), getattr(item, "fixturenames", ())
    read = target.limits.signals.by_name.get(str(parameters(item).get(SIGNAL)))
    for service in ours(target):
        noun = kind_of(service).noun
        if service.name in (*those.values(), read.service if read else None) or (noun in taken and noun not in those):
            yield service


def parameters(item: pytest.Item) -> dict[str, object]:
    """What an item runs with, by argument."""
    found: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    return found
