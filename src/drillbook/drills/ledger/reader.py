"""Reads a ledger back, page after page, and believes no page that cannot be right."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from drillbook.drills.ledger.exchange import MEBIBYTE
from drillbook.probes.http.answers import status_line
from drillbook.probes.http.body import field
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from drillbook.drills.ledger.exchange import Exchange
    from drillbook.system.file import LedgerRead

SINCE = "{since}"
_PAGE_SECONDS = 5.0
_LARGEST = 16 * MEBIBYTE
_MOST_PAGES = 1000


async def read(exchange: Exchange, declared: LedgerRead, *, until: float) -> dict[str, int]:
    """Every key there is, and how many times; Unmeasured where the list could not be read to its end.

    `until` is monotonic; one attempt a page, each of which may take 5 s.
    """
    keys: dict[str, int] = {}
    since: int | str = 0
    for _ in range(_MOST_PAGES):
        rows = await _page(exchange, declared, since, until=until)
        for row in rows:
            key = row[declared.key]
            keys[str(key)] = keys.get(str(key), 0) + _times(row, declared)
        if not rows or SINCE not in declared.path:
            return keys
        since = _last(rows, declared, since)
    raise Unmeasured(f"{declared.path} has more than {_MOST_PAGES} pages")


async def _page(exchange: Exchange, declared: LedgerRead, since: int | str, *, until: float) -> list[dict[str, Any]]:
    path = declared.path.replace(SINCE, quote(str(since), safe=""))
    seconds = max(1.0, min(_PAGE_SECONDS, until - time.monotonic()))
    answer = await exchange.get(path, seconds=seconds, cap=_LARGEST)
    if answer.reason:
        raise Unmeasured(f"{path}: {answer.reason}")
    if answer.status != 200:
        raise Unmeasured(status_line(answer.page, path))
    return _rows(field(answer.page, path, declared.items), declared, path)


def _rows(found: Any, declared: LedgerRead, path: str) -> list[dict[str, Any]]:
    if not isinstance(found, list):
        raise Unmeasured(f"{path}: {declared.items} is no list")
    wanted = {
        declared.key,
        *([declared.id] if SINCE in declared.path else []),
        *([declared.times] if declared.times else []),
    }
    for row in found:
        if not isinstance(row, dict) or not wanted <= row.keys():
            raise Unmeasured(f"{path}: an item of {declared.items} has no {' or '.join(sorted(wanted))}")
    return found


def _times(row: dict[str, Any], declared: LedgerRead) -> int:
    times = row[declared.times] if declared.times else 1
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise Unmeasured(f"{declared.path}: {declared.times} of an item is no count")
    return times


def _last(rows: list[dict[str, Any]], declared: LedgerRead, since: int | str) -> int | str:
    """The last row's id. Rows that are not in order, or not after `since`, would hide others: Unmeasured."""
    ids = [row[declared.id] for row in rows]
    numbers = all(isinstance(one, int) and not isinstance(one, bool) for one in ids)
    if not numbers and not all(isinstance(one, str) for one in ids):
        raise Unmeasured(f"{declared.path}: {declared.id} of an item is neither a whole number nor a text")
    before = [since, *ids] if type(since) is type(ids[0]) else ids
    if len(set(before)) < len(before) or (numbers and before != sorted(before)):
        raise Unmeasured(f"{declared.path}: items are not listed oldest first, each page after the last one's end")
    last: int | str = ids[-1]
    return last
