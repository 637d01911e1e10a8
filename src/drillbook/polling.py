"""The one place that waits: until something is so, or until a moment of the monotonic clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def until(condition: Callable[[], T], *, within: float, every: float = 0.1) -> T:
    """What `condition` gives once it is true, or what it last gave when `within` seconds were over."""
    deadline = time.monotonic() + within
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(every)
    return found


def sleep_until(moment: float) -> None:
    """Returns at `moment` of the monotonic clock, at once where that is over."""
    time.sleep(max(0.0, moment - time.monotonic()))
