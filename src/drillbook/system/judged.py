"""What checks judge on a system, by its files alone: the names and titles of its limits and signals."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from drillbook.system.in_force import inside
from drillbook.system.kinds import kinds
from drillbook.system.names import split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drillbook.system.file import System
    from drillbook.system.in_force import Limits


def judged(system: System, limits: Limits) -> set[str]:
    """The names of the limits and signals that checks judge on the system, wherever it runs.

    What hangs on a part of a service that the file does not declare is not among them.
    """
    own = {split(title)[0] for title, table in system.limits.items() if table.own}
    asked = {name for name, services in limits.judged_on.items() if services and "*" not in name} | own
    return {name for name in asked - _undeclared(system) if not limits.off(name)}


def titles(system: System, limits: Limits) -> set[str]:
    """Everything of that by each name that reports and files have for it: `redis.up`, `redis.up(cache)`."""
    names = judged(system, limits)
    return names | {title for title in limits.titles() if split(title)[0] in names and not limits.off(title)}


def meant(pattern: str, known: Iterable[str]) -> list[str]:
    """What of the known names and titles a name or a pattern stands for, in their order."""
    return [pattern] if pattern in known else sorted(one for one in known if fnmatchcase(one, pattern))


def _undeclared(system: System) -> set[str]:
    """The limits of parts that a service could have and none of this system's has."""
    possible = {
        limit
        for kind in {service.kind for service in system.services.values()}
        for part in kinds()[kind].parts
        for limit in part.limits
    }
    return possible - {limit for _, one in inside(system) for limit in one.limits} - _of_our_own(system)


def _of_our_own(system: System) -> set[str]:
    """The limits that a run judges of its own requests, in places of the system that nobody visits."""
    traffic = {place.traffic for place in system.environments.values()}
    if "ours" not in traffic | ({system.stack.traffic} if system.stack else set()):
        return set()
    asked = [service for service in system.services.values() if getattr(service, "endpoints", None)]
    return {limit for service in asked for limit in kinds()[service.kind].ours}
