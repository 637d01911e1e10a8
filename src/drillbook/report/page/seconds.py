"""What clients met, second by second: as drills and load profiles tell it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drillbook.report.page.facts import Facts


@dataclass(frozen=True)
class Second:
    """One second that began at `t` (seconds since 1970): requests due in it, latencies in ms, None unserved.

    `asked` is what a profile asked for, None in a drill.
    """

    t: float
    requests: float
    errors: float
    p95: float | None
    max: float | None
    asked: float | None

    @property
    def middle(self) -> float:
        """The middle of the second, where what it came to is drawn."""
        return self.t + 0.5


def second_of(line: Facts) -> Second | None:
    """The second that a line holds; None without a time or a number of requests."""
    t, requests = line.moment(), line.amount("requests")
    if t is None or requests is None:
        return None
    errors = line.amount("errors") or 0.0
    return Second(t, requests, errors, line.amount("p95"), line.amount("max"), line.amount("asked"))


def in_order(seconds: Iterable[Second], *, zero: float) -> list[Second]:
    """The seconds by their time, told from `zero`."""
    return sorted((replace(one, t=one.t - zero) for one in seconds), key=lambda one: one.t)
