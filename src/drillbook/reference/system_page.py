"""The page of the system file: a section for each table, and for each kind of service; how texts are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.reference import examples
from drillbook.reference.entries import of_form, of_kind, of_table
from drillbook.reference.tables import READS, REFERENCES, SERVICES, tables
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.reference.limits import Entry
    from drillbook.reference.tables import Table


def sections(limits: list[Entry]) -> Iterator[str]:
    """All sections, behind a list of them; `limits` are those that are judged on services of each kind."""
    every = _in_order(tables())
    yield from map(_listed, [table for table in every if _level(table) == 2 or table.kind])
    yield "- [How texts are written](#forms)\n"
    for table in every:
        yield f'<a id="{table.place}"></a>\n{"#" * _level(table)} {_title(table)}\n'
        yield from of_table(table)
        if table.kind:
            yield of_kind(table.kind, limits) + "\n"
        if example := _example(table):
            yield fenced(example)
    yield '<a id="forms"></a>\n## How texts are written\n'
    yield from sorted({of_form(one) for table in every for key in table.keys for one in key.forms})
    yield ""


def _listed(table: Table) -> str:
    indent = "  " if table.kind else ""
    return f"{indent}- [{_title(table)}](#{table.place}): {table.text.partition(chr(10))[0]}"


def fenced(toml: str) -> str:
    """A block of TOML."""
    return f"```toml\n{toml.strip()}\n```\n"


def _in_order(every: list[Table]) -> list[Table]:
    """The tables of services of each kind behind what every service can say, with what signals read from them."""
    of_kinds = [table for table in every if _kind(table)]
    names = [*kinds()]
    of_kinds.sort(key=lambda table: (names.index(_kind(table)), table.place.startswith(READS)))
    others = [table for table in every if not _kind(table)]
    at = next(at for at, table in enumerate(others) if table.place == SERVICES) + 1
    return [*others[:at], *of_kinds, *others[at:]]


def _kind(table: Table) -> str:
    """The kind of service that a table belongs to; empty where to none."""
    inside = next((f"{one}." for one in (READS, SERVICES) if table.place.startswith(f"{one}.")), "")
    return table.place.removeprefix(inside).partition(".")[0] if inside else ""


def _level(table: Table) -> int:
    return 2 if "." not in table.place else 3 if table.kind or not _kind(table) else 4


def _title(table: Table) -> str:
    kind = _kind(table)
    if table.place.startswith(f"{READS}."):
        return f"`read` of a signal from a service of kind `{kind}`"
    if table.place == REFERENCES:
        return "References to addresses and secrets"
    what = f" of kind `{kind}`" if kind else ": every service" if table.place == SERVICES else ""
    return f"`[{table.header}]`{what}"


def _example(table: Table) -> str:
    """What is shown with a table: the example of its kind, or the part of the whole one that begins with its name."""
    if table.kind:
        return examples.text_of(table.kind)
    whole = "" if "." in table.place or table.place == SERVICES else examples.WHOLE.read_text(encoding="utf-8")
    return examples.part(whole, table.place)
