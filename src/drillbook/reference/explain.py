"""One entry of the reference for a terminal: a limit, a key, a table, a kind of service, an exit code, a reason."""

from __future__ import annotations

import re
import textwrap
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.reference import messages
from drillbook.reference.entries import of_key, of_kind, of_limit, of_table, plain
from drillbook.reference.limits import entries, ladder
from drillbook.reference.tables import SERVICES, tables
from drillbook.system.names import nearest, split
from drillbook.system.validated import limits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drillbook.reference.limits import Entry
    from drillbook.reference.tables import Table
    from drillbook.system.library import Library

WIDTH = 100
WANTED = ": name a limit (redis.memory), a key (services.http.health), a kind of service (redis) or an exit code (11)"
_CODE = re.compile(r"``.+?``|`[^`]+`")
_BLANK = "\0"


def explain(library: Library, name: str, say: Callable[[str], None], target: str = "") -> None:
    """Says what the reference has of that name, and the file of `target`; Mistakes with the nearest if nothing."""
    limits = {one.name: one for one in entries(library.house())}
    system = target.partition("@")[0]
    there = _of_system(library, system, name) if system else []
    place = _by_kind(library, system, name) if system else name
    found = [*there, *(_of_limit(name, limits) or _of_place(place, [*limits.values()]) or _of_message(name))]
    if not found:
        near = nearest(name, {*limits, *_places()})
        raise Mistakes([f"nothing is called {name!r} in the reference{near if 'did you mean' in near else WANTED}"])
    for line in found:
        for paragraph in plain(line).split("\n"):
            say(_wrapped(paragraph))


def _of_system(library: Library, system: str, name: str) -> list[str]:
    """The limit of that name or title that is in force for the system, one that only its file has included."""
    _, limits = limits_of(library, system)
    title, service = split(name)
    limit = limits.signals.of_items.get(name) or limits.find(title, service)
    if not limit:
        return []
    said = f"off: {limit.off}" if limit.off else ladder(limit)
    read = limits.signals.by_name.get(title)
    where = [f"Read from the service `{read.service}`."] if read else []
    return [f"In force for {system}: {said} ({limit.source}).", *where, ""]


def _by_kind(library: Library, system: str, name: str) -> str:
    """The place of a key by the kind of the service that it names: `services.redis.url` for `services.cache.url`."""
    first, dot, rest = name.removeprefix(f"{SERVICES}.").partition(".")
    service = library.read(system).services.get(first)
    return f"{SERVICES}.{service.kind}{dot}{rest}" if service else name


def _of_limit(name: str, limits: dict[str, Entry]) -> list[str]:
    """The limit of that name or title, or the one that stands for it: `*.latency` for `items.latency`."""
    wanted = split(name)[0]
    by_pattern = (one for pattern, one in limits.items() if "*" in pattern and fnmatchcase(wanted, pattern))
    limit = limits.get(wanted) or next(by_pattern, None)
    return [f"{limit.name}", "", *of_limit(limit)] if limit else []


def _of_place(name: str, limits: list[Entry]) -> list[str]:
    """The table or the key at that place, which may be said without `services`."""
    every = tables()
    for place in (name, f"{SERVICES}.{name}"):
        table = next((one for one in every if one.place == place), None)
        key = next((one for table in every for one in table.keys if one.place == place), None)
        if table:
            return [*_head(table), *of_table(table), *([of_kind(table.kind, limits)] if table.kind else [])]
        if key:
            return [place, "", of_key(key)]
    return []


def _head(table: Table) -> list[str]:
    kind = f', kind = "{table.kind.name}"' if table.kind else ""
    return [f"[{table.header}]{kind}" if table.header else table.place, ""]


def _of_message(text: str) -> list[str]:
    """What an exit code means, or what can be done about a reason for which something is UNKNOWN."""
    if text.isdecimal():
        return messages.code(int(text))
    group = messages.group_of(text) if " " in text else None
    return [group.name, "", group.why, f"Next: {group.next}"] if group else []


def _places() -> Iterable[str]:
    every = tables()
    return {table.place for table in every} | {key.place for table in every for key in table.keys}


def _wrapped(line: str) -> str:
    indent = "  " if line.startswith("- ") else ""
    whole = _CODE.sub(lambda code: code[0].replace(" ", _BLANK), line)  # what is code stays on one line
    filled = textwrap.fill(whole, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return filled.replace(_BLANK, " ")
