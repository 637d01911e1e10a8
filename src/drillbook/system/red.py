"""How each limit of a system is turned red on a copy of it: `red.toml` beside the system's file.

Each state is steps that are done in order and undone in reverse, what is red then, and what may be beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from drillbook.common.mistakes import Mistakes
from drillbook.system.document import text_of
from drillbook.system.file import read_as
from drillbook.system.judged import judged, meant, titles
from drillbook.system.limits import Condition  # noqa: TC001  # pydantic asks for it
from drillbook.system.lines import told
from drillbook.system.names import nearest
from drillbook.system.strict import Name, Path_, Strict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from drillbook.system.file import System
    from drillbook.system.in_force import Limits
    from drillbook.system.library import Library

RED = "red.toml"
SCALABLE = ("ms", "s", "min", "h", "d", "days", "KB", "MB", "GB")
ACTS = ("stop", "pause", "trouble", "sql", "redis", "run")
INSIDE = ("sql", "redis", "run")  # in a service's container; each says how it is undone


class Step(Strict):
    """One thing that is done to a copy."""

    stop: Name | None = None
    """The service of the compose file that is stopped; undone by its start."""
    pause: Name | None = None
    """The service whose processes are frozen; undone by letting them go on."""
    trouble: Path_ | None = None
    """The stand-in's switch that is asked for by POST, its query as JSON too; undone by its `off`."""
    on: Name | None = None
    """The service that has the switch, where that is not the one of `[stack.trouble]`."""
    sql: str | None = None
    """A statement that PostgreSQL's superuser executes in the container of `service`."""
    redis: list[str] | None = Field(default=None, min_length=1)
    """What `redis-cli` is asked in the container of `service`."""
    run: list[str] | None = Field(default=None, min_length=1)
    """A command that is run in the container of `service`, as the user root."""
    service: Name | None = None
    """The service of the compose file in whose container that happens."""
    undo: str | list[str] | None = None
    """What undoes it, in the same way."""

    @property
    def act(self) -> str:
        """Which of the acts it is."""
        return next(act for act in ACTS if getattr(self, act) is not None)

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        said = [act for act in ACTS if getattr(self, act) is not None]
        if len(said) != 1:
            raise ValueError(f"a step is one of {', '.join(ACTS)}, and says {' and '.join(said) or 'none of them'}")
        if self.on and not self.trouble:
            raise ValueError("on names the service that has a switch: it goes with trouble")
        inside = self.act in INSIDE
        if inside != (self.service is not None) or inside != (self.undo is not None):
            raise ValueError(f"service and undo belong to {', '.join(INSIDE)}, and to each of them")
        if inside and isinstance(self.undo, str) != isinstance(self.sql, str):
            raise ValueError("undo is written as what it undoes: a statement for sql, a list of words for the others")
        return self


class State(Strict):
    """One state of a copy in which something is red."""

    do: list[Step] = Field(min_length=1)
    """The steps, in order; they are undone in reverse."""
    red: list[str] = Field(min_length=1)
    """The limits and signals, by name or title, that must all be red then, at any severity."""
    may: list[str] = []
    """Those that may be red beside them; a `*` stands for anything. No other may."""


class Red(Strict):
    """All states of a system."""

    states: dict[Name, State] = Field(min_length=1)
    """The states, each under a name in words."""
    scaled: dict[str, Condition] = {}
    """Limits on times and sizes by which a copy is judged there in place of the file's, in the same unit: nobody
    waits ten minutes for a session to be ten minutes old."""


def red_of(library: Library, system: System, limits: Limits) -> Red | None:
    """How the system's limits are turned red; None where nobody says. Mistakes lists what is wrong with the file."""
    path = library.file_of(system.system.name).parent / RED
    if not path.is_file():
        return None
    name = library.shown(path)
    red = read_as(Red, path, name)
    mistakes = [*_without_copy(system), *_strange_names(red, titles(system, limits)), *_strange_troubles(red, system)]
    if mistakes := [*mistakes, *_not_scaled(red, system, limits)]:
        raise Mistakes(told(name, text_of(path, name), mistakes))
    return red


def _without_copy(system: System) -> Iterator[str]:
    if not system.stack:
        yield "states: the system file has no table [stack]: there is no copy to get into one"


def _strange_names(red: Red, known: Collection[str]) -> Iterator[str]:
    for state, its in red.states.items():
        for place, names in (("red", its.red), ("may", its.may)):
            for at, name in enumerate(names):
                if not (name in known if place == "red" else meant(name, known)):
                    yield f"states.{state}.{place}.{at}: no limit is called {name!r}{nearest(name, known)}"


def _strange_troubles(red: Red, system: System) -> Iterator[str]:
    trouble = system.stack.trouble if system.stack else None
    for state, its in red.states.items():
        for at, step in enumerate(its.do):
            if step.trouble and not trouble:
                yield f"states.{state}.do.{at}.trouble: the system file has no table [stack.trouble]"
            elif step.on and step.on not in system.services:
                known = nearest(step.on, system.services)
                yield f"states.{state}.do.{at}.on: {step.on!r} is no service of the system file{known}"


def _not_scaled(red: Red, system: System, limits: Limits) -> Iterator[str]:
    names = judged(system, limits) - set(limits.signals.by_name)
    for name in red.scaled:
        if name not in names:
            yield f"scaled.{name}: no limit is called {name!r}{nearest(name, names)}"
        elif (unit := limits.named(name).unit) not in SCALABLE:
            yield f"scaled.{name}: is measured in {unit or 'yes and no'}: only times and sizes are scaled"
