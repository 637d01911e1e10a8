"""System files read without asking anybody: what each is found to say, or all that is wrong with it.

What lies beside them is read too: items, and how limits are turned red. Neither addresses nor an engine are needed, nor
what only some kinds of services need to be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.system.consistent import not_there
from drillbook.system.items import ITEMS, items_of
from drillbook.system.red import red_of
from drillbook.system.validated import limits_of

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _line(library: Library, name: str) -> str:
    system, limits = limits_of(library, name)
    if missing := [*not_there(system.stack, library.file_of(name).parent)]:
        raise Mistakes(library.told(name, missing))
    judged = [one for one in limits if not one.off and (one.name in system.limits or limits.judged_on.get(one.name))]
    environments = ", ".join(system.environments) or "none (drills only)"
    counted = [f"{_many(len(judged), 'limit')} on {_many(len(system.services), 'service')}"]
    if name in library.beside(ITEMS):
        counted.append(_many(len(items_of(library, name)), "item"))
    if red := red_of(library, system, limits):
        counted.append(_many(len(red.states), "red state"))
    return f"{library.shown(library.file_of(name))}: ok ({', '.join(counted)}, environments: {environments})"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
