"""A system with the limits in force for it, wherever it runs; neither addresses nor an engine are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.judging.limit import STATED_IN
from drillbook.system.certificates import as_asked
from drillbook.system.consistent import inconsistencies
from drillbook.system.in_force import limits_in_force

if TYPE_CHECKING:
    from drillbook.system.file import System
    from drillbook.system.in_force import Limits
    from drillbook.system.library import Library


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
