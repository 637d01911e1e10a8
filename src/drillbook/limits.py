"""The limits in force for a system: those its file states, and for the rest the house defaults.

House names may hold a `*`: `*.ok` is the default for every declared endpoint, `health.*` for every part that the
health page speaks of. A name that neither file knows is a mistake: a limit that nobody judges protects nobody.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drillbook.mistakes import Mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.limit import Limit
    from drillbook.system import House, HttpService, System


@dataclass(frozen=True)
class Limits:
    """All limits in force, by name; `patterns` are the house names that hold a `*`."""

    by_name: dict[str, Limit]
    patterns: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Limit]:
        return iter(self.by_name.values())

    def named(self, name: str) -> Limit:
        """The limit called `name`; Mistakes with the names that come nearest where there is none."""
        if name in self.by_name:
            return self.by_name[name]
        raise Mistakes([f"no limit is called {name!r}{_nearest(name, self.by_name)}"])


def limits_in_force(system: System, house: House) -> tuple[Limits, list[str]]:
    """The limits that hold for `system`, and what is wrong with the names it uses."""
    defaults = {name: table.named(name) for name, table in house.limits.items()}
    known = {name: limit for name, limit in defaults.items() if "*" not in name}
    known |= {name: replace(defaults[pattern], name=name) for name, pattern in _patterned(system)}
    stated = {name: table.named(name) for name, table in system.limits.items()}
    unknown = [name for name in stated if name not in known and not system.limits[name].own]
    mistakes = [f"limits.{name}: nothing is judged by that name{_nearest(name, known)}" for name in unknown]
    return Limits(known | stated, tuple(name for name in defaults if "*" in name)), mistakes


def _patterned(system: System) -> Iterator[tuple[str, str]]:
    for service in system.services.values():
        if service.kind == "http":
            yield from _of_http(service)


def _of_http(service: HttpService) -> Iterator[tuple[str, str]]:
    for endpoint in service.endpoints:
        yield f"{endpoint}.ok", "*.ok"
        yield f"{endpoint}.latency", "*.latency"
    for part in service.health.parts if service.health else ():
        yield f"health.{part}", "health.*"


def _nearest(name: str, known: dict[str, Limit]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f": did you mean {' or '.join(near)}?" if near else f" (known: {', '.join(sorted(known))})"
