"""What of a system is not asked in one of its environments, because it is not there, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.system.kinds import kinds
from drillbook.system.names import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.system.file import System

DRILL, LOCAL = "drill", "local"  # the environments of copies
NO_PART = "a drill's copy has no part of it"
NO_COPY = (
    "it is a container's, and is asked where Drillbook started that: in {name}@local (`drillbook up`) and in drills"
)
NO_STACK = "is asked in a copy, and there is no [stack] to start one from: give it file, or the system a [stack]"


def elsewhere(system: System, environment: str, addresses: Mapping[str, str]) -> dict[str, str]:
    """The services that are not asked in `environment`, each with the reason; `addresses` are those of all."""
    reasons = {name: _why(system, name, environment, address) for name, address in addresses.items()}
    return {name: why for name, why in reasons.items() if why}


def without(system: System, services: Mapping[str, str]) -> System:
    """The system without these services, and without what is read from them."""
    gone = set(read_from(system, services))
    kept = {name: one for name, one in system.services.items() if name not in services}
    signals = {name: one for name, one in system.signals.items() if split(name)[0] not in gone}
    return system.model_copy(update={"services": kept, "signals": signals})


def read_from(system: System, services: Mapping[str, str]) -> dict[str, str]:
    """The signals that are read from these services, each with what is said of its service."""
    read = {name: str(one.read.get("service")) for name, one in system.signals.items() if one.read}
    return {name: services[service] for name, service in read.items() if service in services}


def without_a_stack(system: System) -> Iterator[str]:
    """A line for each service that would be asked in copies alone, where there can be none."""
    for name, one in system.services.items():
        if one.of_a_container and not system.stack:
            yield f"services.{name}.container: {NO_STACK}"


def _why(system: System, name: str, environment: str, address: str) -> str:
    """Why a service is not asked: no copy is there that has it, or none starts anything in its place."""
    declared = system.services[name]
    if declared.of_a_container:
        there = system.environments.get(LOCAL)
        is_copy = environment == DRILL or (environment == LOCAL and there and there.kind == LOCAL)
        return "" if is_copy else NO_COPY.format(name=system.system.name)
    kind = kinds()[declared.kind]
    return NO_PART if environment == DRILL and not (kind.warm or kind.through or address) else ""
