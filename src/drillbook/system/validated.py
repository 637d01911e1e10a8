"""System files read without asking anybody: what each is found to say, or all that is wrong with it.

Neither addresses nor an engine are needed, nor what only some kinds of services need to be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.judging.limit import STATED_IN
from drillbook.system.certificates import as_asked
from drillbook.system.consistent import inconsistencies, not_there
from drillbook.system.in_force import limits_in_force

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.system.file import System
    from drillbook.system.in_force import Limits
    from drillbook.system.library import Library


def validate(library: Library, name: str | None, say: Callable[[str], None]) -> None:
    """Says a line for each system whose file is right, or for the one of that name; Mistakes holds all of the rest."""
    names = [name] if name else library.names()
    if not names:
        raise Mistakes([f"there is no system: write {library.shown(library.folders[-1] / 'NAME' / 'system.toml')}"])
    mistakes: list[str] = []
    for one in names:
        try:
            say(_line(library, one))
        except Mistakes as found:
            mistakes += found.lines
    if mistakes:
        raise Mistakes([*dict.fromkeys(mistakes)])


def limits_of(library: Library, name: str) -> tuple[System, Limits]:
    """The system of that name and the limits in force for it, wherever it runs; Mistakes says all that is wrong."""
    system, path = library.read(name), library.file_of(name)
    house, origin, asked = library.house(), f"{STATED_IN}{library.shown(path)}", as_asked(system, ())
    limits, _ = limits_in_force(asked, house, origin)
    # Any of them may be asked by TLS somewhere: what is said of its certificate has to be right.
    _, unknown = limits_in_force(as_asked(system, system.services), house, origin, system.services)
    if mistakes := [*unknown, *inconsistencies(asked)]:
        raise Mistakes(library.told(name, mistakes))
    return system, limits


def _line(library: Library, name: str) -> str:
    system, limits = limits_of(library, name)
    if missing := [*not_there(system.stack, library.file_of(name).parent)]:
        raise Mistakes(library.told(name, missing))
    judged = [one for one in limits if not one.off and (one.name in system.limits or limits.judged_on.get(one.name))]
    environments = ", ".join(system.environments) or "none (drills only)"
    counted = f"{_many(len(judged), 'limit')} on {_many(len(system.services), 'service')}"
    return f"{library.shown(library.file_of(name))}: ok ({counted}, environments: {environments})"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
