"""What was read for a signal, as numbers: several together, ages of times; and what is none, with the reason."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.system.signals import SignalTable

MOST = 200
NOTHING = "there is nothing there"
AHEAD = 5.0  # seconds that another clock may be ahead of ours
_NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
_TOGETHER = {"sum": math.fsum, "max": max, "min": min}
_EXCERPT = 60


def as_numbers(found: Mapping[str, Any], table: SignalTable, when: float) -> dict[str, float | bool | Unmeasured]:
    """Each value as a number (of `as = "age"` the seconds until `when`), or why it is none; as one, if so said.

    Unmeasured where there is nothing, or more than anybody reads.
    """
    if table.as_ == "count":
        return {"": _count(found, table)}
    if not found:
        return {"": _of_nothing(table)}
    if len(found) > MOST and not table.together:
        raise Unmeasured(f'{len(found)} values, more than {MOST}: narrow it, or say together = "max"')
    numbers = {name: _number_or_why(value, table, when) for name, value in found.items()}
    return {"": _together(numbers, table.together)} if table.together else numbers


def single(found: Mapping[str, Any]) -> float | bool:
    """The only value as a number, yes or no; Unmeasured where there is none, or where there are several."""
    from drillbook.system.signals import SignalTable

    if set(found) != {""}:
        raise Unmeasured(f"it answered {len(found)} values: ask for one" if found else "it answered nothing")
    number = _number_or_why(found[""], SignalTable.model_construct(), 0.0)
    if isinstance(number, Unmeasured):
        raise Unmeasured(number.reason.partition(": where that is usual")[0])
    return number


def _count(found: Mapping[str, Any], table: SignalTable) -> float:
    """How many there are: of one list or object, what is in it."""
    only = found[""] if set(found) == {""} else 0
    if only is None:
        return _of_nothing(table)
    return float(len(only if isinstance(only, list | dict) else found))


def is_number(text: str) -> bool:
    """Whether a text is a number as people write one: `1_000`, which Python takes for one, is none."""
    return _NUMBER.fullmatch(text) is not None


def _together(numbers: Mapping[str, float | bool | Unmeasured], how: str) -> float:
    for name, one in numbers.items():
        if isinstance(one, Unmeasured):
            raise Unmeasured(f"{name or 'one of them'}: {one.reason}")
    return float(_TOGETHER[how](numbers.values()))  # type: ignore[operator]


def _number_or_why(value: Any, table: SignalTable, when: float) -> float | bool | Unmeasured:
    try:
        if value is None:
            return _of_nothing(table)
        if isinstance(value, Unmeasured):
            return value
        return _age(value, table, when) if table.as_ == "age" else _number(value, table)
    except Unmeasured as error:
        return error


def _of_nothing(table: SignalTable) -> float:
    if table.when_empty == "skip":
        raise Unmeasured(NOTHING, applies=False)
    if table.when_empty is None:
        raise Unmeasured(
            'there is nothing there: where that is usual, say when_empty = "skip", or which number it means'
        )
    return float(table.when_empty)


def _number(value: Any, table: SignalTable) -> float | bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and is_number(value):
        if not table.numbers_in_text:
            raise Unmeasured(f"it is the text {_short(value)}: if that is a number, say numbers_in_text = true")
        value = float(value)
    if not isinstance(value, int | float):
        raise Unmeasured(f"it is {_short(value)}, which is no number")
    if not math.isfinite(value):
        raise Unmeasured(f"it is {value}, which is no number")
    return float(value)


def _age(value: Any, table: SignalTable, when: float) -> float:
    began = _moment(value, table)
    if began > when + AHEAD:
        ahead = f"{_short(value)} lies {began - when:.0f} s ahead of this machine's clock"
        raise Unmeasured(f"{ahead}: is it in milliseconds, or in another time zone?")
    return max(0.0, when - began)


def _moment(value: Any, table: SignalTable) -> float:
    """The time in seconds since 1970; text is ISO 8601."""
    if not isinstance(value, str) or is_number(value):
        return float(_number(value, table)) if not isinstance(value, bool) else _no_time(value)
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        return _no_time(value)
    if time.tzinfo is None and table.timezone is None:
        raise Unmeasured(f'{_short(value)} has no time zone: if it is UTC, say timezone = "UTC"')
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _no_time(value: Any) -> float:
    raise Unmeasured(f"it is {_short(value)}, which is no time: ISO 8601, or seconds since 1970")


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        count = "an object" if isinstance(value, dict) else f"a list of {len(value)}"
        return f'{count} (as = "count" counts, a path leads to what is inside)'
    return repr(said(value)[:_EXCERPT]) if isinstance(value, str) else said(repr(value))[:_EXCERPT]
