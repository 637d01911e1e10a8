"""The one place that waits: until something is so, until a moment of the clock, or as long as things get better."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
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


@dataclass
class Patience:
    """For what gets better: lasts `within` seconds after that was last better than ever, and `at_most` in all."""

    within: float
    at_most: float
    _best: float = math.inf
    _began: float = field(default_factory=time.monotonic)
    _better: float = field(default_factory=time.monotonic)

    def is_over(self, missing: float, *, late: float = 0.0) -> bool:
        """Whether it has run out, `missing` being how far it is now: the less, the better.

        The `late` seconds that we lost ourselves are not held against what is waited for.
        """
        now = time.monotonic()
        if missing < self._best:
            self._best, self._better = missing, now
        return now - late > min(self._better + self.within, self._began + self.at_most)

    def words(self) -> str:
        """How long it has been, and how long it has been no better."""
        now = time.monotonic()
        return f"after {now - self._began:.0f} s, and no better for {now - self._better:.0f} s"


def sleep_until(moment: float) -> None:
    """Returns at `moment` of the monotonic clock, at once where that is over."""
    time.sleep(max(0.0, moment - time.monotonic()))
