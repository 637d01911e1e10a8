"""How the page says things: times, spans, amounts, and what an exit code means."""

from __future__ import annotations

from datetime import UTC, datetime

from drillbook.judging import limit
from drillbook.judging.gate import BREACHED, COULD_NOT_TELL, HELD, INTERRUPTED, LEFT_BEHIND, NOTHING_COLLECTED, REFUSED
from drillbook.judging.gate import USAGE_ERROR as USAGE

CRASHED = 3
MEANINGS = {
    HELD: "held: measured, and nothing failed the gate",
    BREACHED: "breached: something is wrong, at or above the gate",
    INTERRUPTED: "interrupted, or a file could not be imported: what was not reached was not measured",
    CRASHED: "pytest crashed: what was not reached was not measured",
    USAGE: "a mistake in the command or in a file",
    NOTHING_COLLECTED: "nothing was selected: nothing was measured",
    COULD_NOT_TELL: "could not tell: what could have failed the run was not measured",
    REFUSED: "refused for safety",
    LEFT_BEHIND: "something was left behind",
}
NOTHING = "-"
_TOO_LONG = 1e15
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def meaning(code: int | None) -> str:
    """What an exit code means; None is a run that never came to its end."""
    if code is None:
        return "the run did not end: it was killed, or it is not over yet"
    return MEANINGS.get(code, "this exit code is none of ours")


def clock(moment: float | None) -> str:
    """`08:53:13`, in UTC."""
    return _written(moment, "%H:%M:%S")


def day_and_clock(moment: float | None) -> str:
    """`2026-11-22 08:53:13 UTC`."""
    return _written(moment, "%Y-%m-%d %H:%M:%S UTC")


def machine_time(moment: float | None) -> str:
    """The same as HTML's `datetime` wants it."""
    return _written(moment, "%Y-%m-%dT%H:%M:%SZ")


def _written(moment: float | None, form: str) -> str:
    try:
        return "unknown" if moment is None else datetime.fromtimestamp(moment, UTC).strftime(form)
    except (ValueError, OverflowError, OSError):
        return "unknown"


def span(seconds: float | None) -> str:
    """`3.4 s`, `1 min 12 s`, `1 h 02 min`."""
    if seconds is None or seconds < 0:
        return "unknown"
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"
    return f"{whole // _DAY} days"


def amount(value: float | bool | None, unit: str = "") -> str:
    """A value as people read it, a dash where there is none."""
    if value is None:
        return NOTHING
    if not isinstance(value, bool) and abs(value) >= _TOO_LONG:
        return f"{value:.3g} {unit}".rstrip()
    return limit.amount(value, unit)


def trips_at(condition: str) -> str:
    """Where a limit trips: `trips at > 50 ms`; a question answered yes or no `must be yes`."""
    return "must be yes" if condition == limit.NO else f"trips at {condition}"


def share(value: float | None) -> str:
    """A part of one as a percentage."""
    return NOTHING if value is None else amount(100 * value, "%")


def many(count: int, one: str, more: str = "") -> str:
    """`1 limit`, `2 limits`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def capital(sentence: str) -> str:
    """The sentence with its first letter as a capital."""
    return sentence[:1].upper() + sentence[1:]
