"""How late we are ourselves: a selector that looks often, and stopwatches that say how much of a time it may be.

What was not ready at one look and is ready at the next became so between the two. Where they are far apart, whatever
held us up (a machine without time for us, a thread that keeps the interpreter's lock, a callback that computes), it
may have waited for us all the while. Where we were held up and nothing was ready afterwards either, nobody waited.
"""

from __future__ import annotations

import asyncio
import time
from selectors import DefaultSelector
from statistics import median
from typing import TYPE_CHECKING, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from selectors import SelectorKey
    from types import TracebackType

PERIOD = 0.005
SLACK = 0.002  # that an idle loop is late by: the selector counts in whole milliseconds


class Timed(TypedDict):
    """How many seconds something took, and how many of them may have been our own lateness."""

    took: float
    late: float


class Ear(DefaultSelector):
    """A loop's selector. While anything is timed it looks every PERIOD, and notes what kept somebody waiting.

    A loop rests until something is ready, and is then awake until all that follows is done. Whoever is served while it
    is awake has waited since the last look before it rested, at most. `late` has those times that are long.
    """

    def __init__(self) -> None:
        super().__init__()
        self.late: list[tuple[float, float]] = []
        self._watches = 0
        self._looked = self._since = time.monotonic()
        self._serving = False

    def start(self) -> int:
        """One more thing is timed, and what it sends goes out while the loop is awake; how much is in `late` so far."""
        self._watches += 1
        self._serving = True
        return len(self.late)

    def stop(self) -> None:
        """One thing less is timed."""
        self._watches -= 1
        if self._watches == 0:
            self.late.clear()

    def since(self, number: int, began: float) -> float:
        """For how long at most something that `began` then, with so many in `late`, was kept waiting by us."""
        late = [*self.late[number:], *self._awake(began)]
        return sum(until - max(since, began) for since, until in late)

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """As every selector; without a timeout the loop is awake, and with one it rests, but not for long."""
        if timeout == 0:
            found = super().select(0)
            self._serving |= bool(found)
        else:
            self._fall_asleep()
            found = super().select(self._at_most(timeout))
            self._since, self._serving = self._looked, bool(found)
        self._looked = time.monotonic()
        return found

    def _at_most(self, timeout: float | None) -> float | None:
        if not self._watches:
            return timeout
        return PERIOD if timeout is None else min(timeout, PERIOD)

    def _fall_asleep(self) -> None:
        if self._watches and self._serving:
            self.late += self._awake(0.0)

    def _awake(self, began: float) -> list[tuple[float, float]]:
        """Since when and until when the loop keeps waiting what it serves now, and that `began` then, if it is long."""
        now, noted = time.monotonic(), self.late[-1][1] if self.late else 0.0
        since = max(self._since, noted, began)
        return [(since, now)] if now - since > PERIOD + SLACK else []


class TimedLoop(asyncio.SelectorEventLoop):
    """An event loop on which a Stopwatch can be used; psycopg asks for this kind too, with a selector."""

    def __init__(self) -> None:
        self.ear = Ear()
        super().__init__(self.ear)


class Stopwatch:
    """Times its block, which runs on a TimedLoop: `with Stopwatch() as watch: …`, then `watch.timed()`."""

    def __enter__(self) -> Stopwatch:
        """Starts."""
        self._ear = cast("TimedLoop", asyncio.get_running_loop()).ear
        self._number, self._began = self._ear.start(), time.monotonic()
        self._ended: Timed | None = None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stops; what was timed stays as it is now."""
        self._ended = self.timed()
        self._ear.stop()

    def timed(self) -> Timed:
        """How long it has been, and how late we may have been meanwhile; of all of it once it has ended."""
        if self._ended:
            return self._ended
        took = time.monotonic() - self._began
        return Timed(took=took, late=min(took, self._ear.since(self._number, self._began)))


def typical(samples: Sequence[Timed]) -> Timed:
    """The median of what they took, and how far below it the median of what they may really have taken is."""
    took = median(one["took"] for one in samples)
    return Timed(took=took, late=took - median(one["took"] - one["late"] for one in samples))
