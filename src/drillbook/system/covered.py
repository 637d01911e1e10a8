"""Which items of a system are covered: judged by what exists, and seen red; and of the others, why not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.system.items import ITEMS, items_of
from drillbook.system.judged import meant, titles
from drillbook.system.names import nearest, split
from drillbook.system.red import red_of
from drillbook.system.validated import limits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drillbook.system.items import Item
    from drillbook.system.library import Library

OPEN = "open"


@dataclass(frozen=True)
class Covered:
    """An item, what covers it, and where nothing does, the reason: that of its file, what is missing, or `open`.

    `stated` says whether the reason is that of its file: then nobody is to cover it.
    """

    id: str
    system: str
    kind: str
    what: str
    covered_by: tuple[str, ...]
    reason: str
    stated: bool = False

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON."""
        return {name: value for name, value in asdict(self).items() if name != "stated"}


@dataclass(frozen=True)
class Seen:
    """What checks judge on a system, and what of it some state of its `red.toml` turns red."""

    judged: frozenset[str] = frozenset()
    red: frozenset[str] = frozenset()

    def missing(self, names: Iterable[str]) -> str:
        """What keeps these from covering anything, in words; empty where nothing does."""
        found = {name: meant(name, self.judged) for name in names}
        if strange := [name for name, those in found.items() if not those]:
            return "; ".join(f"no limit is called {name!r}{self._nearest(name)}" for name in strange)
        green = [one for those in found.values() for one in those if not self._is_red(one)]
        return f"never seen red: {', '.join(dict.fromkeys(green))}" if green else ""

    def _nearest(self, name: str) -> str:
        return nearest(name, self.judged) if self.judged else ": nothing is judged there yet"

    def _is_red(self, title: str) -> bool:
        """Whether a state has it: by that title, by its name where that speaks of it alone, or by one of its titles."""
        name = split(title)[0]
        titles_of = {one for one in self.judged if split(one)[0] == name} - {name}
        alone = {name} if len(titles_of) < 2 else set()
        return bool(self.red & ({title} | (titles_of if title == name else alone)))


def covered(library: Library, system: str | None) -> list[Covered]:
    """All items of the system, or of every one that has some, in the order of the files."""
    systems = [system] if system else list(library.beside(ITEMS))
    if not systems:
        raise Mistakes([f"no system has items: write {library.shown(library.folders[-1] / 'NAME' / ITEMS)}"])
    found: list[Covered] = []
    mistakes: list[str] = []
    for one in systems:
        try:
            found += _of_one(library, one)
        except Mistakes as wrong:
            mistakes += wrong.lines
    if mistakes := [*mistakes, *_twice(found)]:
        raise Mistakes(mistakes)
    return found


def _of_one(library: Library, system: str) -> list[Covered]:
    items, seen = items_of(library, system), _seen(library, system)
    return [_covered(system, name, item, seen) for name, item in items.items()]


def _covered(system: str, name: str, item: Item, seen: Seen) -> Covered:
    reason = item.because or (seen.missing(item.judged_by) if item.judged_by else OPEN)
    by = () if reason else tuple(item.judged_by)
    return Covered(name, system, item.kind, item.what, by, reason, stated=bool(item.because))


def _seen(library: Library, system: str) -> Seen:
    if system not in library.names():
        return Seen()
    found, limits = limits_of(library, system)
    red = red_of(library, found, limits)
    states = red.states.values() if red else ()
    return Seen(frozenset(titles(found, limits)), frozenset(one for it in states for one in it.red))


def _twice(found: Iterable[Covered]) -> list[str]:
    """A line for each name that items of two systems have."""
    first: dict[str, str] = {}
    again = [one for one in found if first.setdefault(one.id, one.system) != one.system]
    return [f"{one.id}: is an item of {first[one.id]} and of {one.system}: rename one of them" for one in again]


def counts(found: Iterable[Covered]) -> Mapping[tuple[str, str], list[Covered]]:
    """The items by system and kind, in their order."""
    groups: dict[tuple[str, str], list[Covered]] = {}
    for one in found:
        groups.setdefault((one.system, one.kind), []).append(one)
    return groups
