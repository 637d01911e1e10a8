"""What lines of a log say to one read: how many match, when the newest did, and what number it holds.

Nothing else of a line is kept: its text may hold a secret.
"""

from __future__ import annotations

import re
import time
from codecs import getincrementaldecoder
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from drillbook.probes.log.search import searcher
from drillbook.probes.log.table import TIME, VALUE, has_a_year

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regex import Match

    from drillbook.probes.log.source import Lines
    from drillbook.probes.log.table import LineRead

LONGEST_LINE = 8192
_ISO = re.compile(r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([.,]\d+)?( ?(Z|[+-]\d\d:?\d\d)|[+-]\d\d)?)")
_STAMPED = re.compile(rb"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?(.*)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?\d{1,40}(\.\d{1,40})?([eE][-+]?\d{1,2})?")


def count(lines: Lines, read: LineRead, seconds: float) -> dict[str, Any]:
    """How many lines match, as `count`; TooLong where to find that out takes longer."""
    search = searcher(read.match, seconds)
    return {"count": sum(bool(search(line)) for _, line in _each(lines))}


def look(lines: Lines, read: LineRead, seconds: float) -> dict[str, Any]:
    """What matching lines come to that are no older than the window: plain JSON; TooLong where that takes longer.

    `count` is how many there are, `newest` the time of the last one, `value` the number that it captures, `odd` that it
    captures none. `first` and `last` are the times of the first line that has one and of the last, `latest` is the
    newest of all; `cut` says whether there are lines before them, and `empty` whether there are none at all. `zoneless`
    and `timeless` say that a time without a zone was met, or a match that had none.
    """
    search, stamp = searcher(read.match, seconds), searcher(read.stamp, seconds) if read.stamp else _ISO.search
    found: dict[str, Any] = {
        "count": 0,
        "newest": None,
        "value": None,
        "odd": False,
        "first": None,
        "last": None,
        "latest": None,
        "cut": lines.cut,
    }
    found |= {"empty": not lines.text, "zoneless": False, "timeless": False, "now": time.time()}
    at = None
    for dated, line in _each(lines):
        at = _moment(stamp(dated), read, found) or at
        found["first"], found["last"] = found["first"] or at, at
        found["latest"] = max(found["latest"] or at, at) if at else found["latest"]
        if match := search(line):
            _take(match, at, read, found)
    return found


def _take(match: Match[str], at: float | None, read: LineRead, found: dict[str, Any]) -> None:
    if read.seconds is not None:
        if at is None:
            found["timeless"] = True
            return
        if at < found["now"] - read.seconds:
            return
    found["count"] += 1
    found["newest"] = at
    if VALUE in match.re.groupindex:
        found["value"] = _number(match[VALUE])
        found["odd"] = found["value"] is None


def _number(text: str | None) -> float | None:
    """What was captured, where it is a number."""
    return float(text) if text and _NUMBER.fullmatch(text) else None


def _each(lines: Lines) -> Iterator[tuple[str, str]]:
    """Of each line where its time is to be found, and its text."""
    for line in lines.text.splitlines():
        dated, text = _taken_apart(line) if lines.stamped else (line, line)
        yield _read(dated), _read(text)


def _taken_apart(line: bytes) -> tuple[bytes, bytes]:
    """The time in front of a line, where there is one, and the rest."""
    found = _STAMPED.fullmatch(line)
    return (found[1], found[2]) if found else (b"", line)


def _read(text: bytes) -> str:
    """A line's text, as far as we look: UTF-8, or else Latin-1, which any line is."""
    shown = text[:LONGEST_LINE]
    try:
        return getincrementaldecoder("utf-8")().decode(shown)  # a character that is cut in two is none
    except UnicodeDecodeError:
        return shown.decode("latin-1")


def _moment(stamp: Match[str] | re.Match[str] | None, read: LineRead, found: dict[str, Any]) -> float | None:
    """The time in seconds since 1970; None where there is none, or one that has no zone."""
    text = (stamp[TIME] or "") if stamp else ""
    if _NUMBER.fullmatch(text) and not read.format:
        return float(text)
    try:
        moment = datetime.fromisoformat(_written(text)) if read.format is None else _strict(text, read.format)
    except ValueError:
        return None
    if moment.tzinfo is None and read.timezone is None:
        found["zoneless"] = True
        return None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None and read.timezone == "UTC" else moment).timestamp()


def _strict(text: str, form: str) -> datetime:
    """The time; of one without a year, the last that it can be."""
    if has_a_year(form):
        return _parsed(text, form)
    soon = datetime.now() + timedelta(days=1)  # noqa: DTZ005  # a day is more than any zone
    for year in (soon.year, soon.year - 1):
        with suppress(ValueError):  # a 29 February
            if (moment := _parsed(f"{year} {text}", f"%Y {form}")).replace(tzinfo=None) <= soon:
                return moment
    raise ValueError(text)


def _parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007  # the zone is the file's to say


def _written(text: str) -> str:
    """A time as ISO 8601 has it: with a point, and without a blank before its zone."""
    return re.sub(r" ?(Z|[+-]\d\d:?\d\d)$", r"\1", text.replace(",", "."))
