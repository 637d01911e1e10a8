"""The items of systems for a terminal: a table, and how many of each kind are covered; or as JSON."""

from __future__ import annotations

import json
import shutil
import textwrap
from typing import TYPE_CHECKING

from drillbook.system.covered import OPEN, counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from drillbook.system.covered import Covered

NARROW = 80
PLURALS = {"check": "checks", "load": "load profiles", "fix": "fixes", "chaos": "drills"}


def as_json(found: Iterable[Covered]) -> str:
    """All of them, an object each."""
    return json.dumps([one.to_plain() for one in found], indent=2, ensure_ascii=False)


def as_table(found: Sequence[Covered]) -> Iterator[str]:
    """A line or two for each, under its system, and then how many are covered."""
    width = max(NARROW, shutil.get_terminal_size().columns)
    for system in dict.fromkeys(one.system for one in found):
        yield system
        for one in found:
            if one.system == system:
                yield from _lines(one, width)
        yield ""
    yield from _counts(found)


def _lines(one: Covered, width: int) -> Iterator[str]:
    told = f"  {one.id:<7} {one.kind:<12}{one.what} - {_state(one)}"
    yield from textwrap.wrap(told, width, subsequent_indent=" " * 22, break_long_words=False)


def _state(one: Covered) -> str:
    """`covered by …`, `because …`, or that it is open, and what was missing."""
    if not one.reason:
        return f"covered by {', '.join(one.covered_by)}"
    return f"because {one.reason}" if one.stated else OPEN + f": {one.reason}".removesuffix(f": {OPEN}")


def _counts(found: Sequence[Covered]) -> Iterator[str]:
    groups = [(system, kind, those) for (system, kind), those in counts(found).items()]
    widest = max((len(system) for system, _, _ in groups), default=0)
    for system, kind, those in groups:
        yield f"{system:<{widest}}  {_count(kind, those)}"
    if len({system for system, _, _ in groups}) > 1:
        for kind in dict.fromkeys(kind for _, kind, _ in groups):
            yield f"{'all':<{widest}}  {_count(kind, [one for one in found if one.kind == kind])}"


def _count(kind: str, those: Sequence[Covered]) -> str:
    """`212 checks: 150 covered, 20 with a reason, 42 open`."""
    covered = sum(not one.reason for one in those)
    reasons = sum(one.stated for one in those)
    named = kind if len(those) == 1 else PLURALS.get(kind, f"{kind} items")
    return f"{len(those)} {named}: {covered} covered, {reasons} with a reason, {len(those) - covered - reasons} {OPEN}"
