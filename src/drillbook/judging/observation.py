"""What a probe brings home: a value, or why there is none; who answered; how long it took; how late we were."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field, fields
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

UNSAID = "unsaid"  # the unit of a value that whoever asked says nothing of: it is the limit's
TOO_BUSY = "this machine was too busy to tell"
WANTED = "hand judge an answer of a noun (`redis.ping()`), a number, True or False"
NOT_ASSERTED = 'an answer is judged by a limit, not asserted: judge("NAME", answer)'
NUMPYS_BOOL = ("bool", "bool_")  # by name, in numpy 2 and before: it is no bool, and numpy is none of ours


@dataclass(frozen=True)
class Observation:
    """One answer to one question.

    `value` is a number in `unit`, or True or False for a yes-or-no question, or None where nothing could be
    measured; then `reason` says why. Beside a value, `reason` may explain it (why the answer is no).
    `of` names the part that was looked at where a service has several (a mount point, an endpoint), `by` who
    answered ("redis 127.0.0.1:6379"), `service` that service's name in the system file, and `took` the seconds it
    took. With `applies` False the question makes
    no sense for this service, which `reason` explains. With `at_least` the real value may be larger, with
    `at_most` smaller. Where there is no value because another limit is not OK, `because` is that one's name or title
    (`redis.up(broker)`); with `idle` there is none, or 0, because nothing happened that could be
    measured.

    Of a time, `late` is how much of it may be our own lateness, in `unit`, and `beside` how many other requests of
    ours the service had at the same time; where there is no value for our lateness, `late` is that, in seconds.
    `again` makes the observation anew: live, once, and alone.

    It is neither true nor false, and nothing but another observation can be compared with it: a plain `assert` would
    hold of what could not be measured, and know nothing of our own lateness.
    """

    value: float | bool | None
    unit: str = ""
    reason: str = ""
    of: str = ""
    by: str = ""
    service: str = ""
    took: float = 0.0
    applies: bool = True
    at_least: bool = False
    at_most: bool = False
    because: str = ""
    idle: bool = False
    late: float = 0.0
    beside: int = 0
    again: Callable[[], Observation] | None = field(default=None, compare=False, repr=False)

    def __bool__(self) -> NoReturn:
        raise TypeError(NOT_ASSERTED)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observation):
            raise TypeError(NOT_ASSERTED)
        return all(getattr(self, one.name) == getattr(other, one.name) for one in fields(self) if one.compare)

    def __lt__(self, other: object) -> NoReturn:
        raise TypeError(NOT_ASSERTED)

    __le__ = __gt__ = __ge__ = __lt__

    @property
    def at_best(self) -> float | bool | None:
        """The value without what may be our own doing, our lateness and what we asked beside it; 0 for `at_most`."""
        if self.value is None or isinstance(self.value, bool):
            return True if self.beside else self.value
        if self.at_most:
            return 0.0
        return (self.value - self.late) / (self.beside + 1)


def observed(value: object) -> Observation:
    """What a check has found out by itself: an observation as it is; a number, yes or no as one that has no unit.

    Whatever else it is, nothing was measured, and the reason says what there was instead.
    """
    if isinstance(value, Observation):
        return value
    if isinstance(value, bool) or type(value).__name__ in NUMPYS_BOOL:
        return Observation(bool(value))
    if isinstance(value, Real | Decimal):
        with suppress(ValueError, OverflowError, TypeError):  # a Decimal's sNaN, 10**400, numpy's complex
            if math.isfinite(number := float(value)):
                return Observation(number)
        return missing(f"got {value!r:.60}, which is no finite number")
    return missing(f"got {value!r:.60} ({type(value).__name__}): {WANTED}")


def missing(reason: str, *, by: str = "", of: str = "") -> Observation:
    """The observation that could not be made, because of `reason`."""
    return Observation(None, reason=reason, by=by, of=of)


def not_applicable(reason: str, *, by: str = "", of: str = "") -> Observation:
    """The observation that makes no sense here, because of `reason` ("no maxmemory is set")."""
    return Observation(None, reason=reason, by=by, of=of, applies=False)
