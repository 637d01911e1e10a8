"""Walks the arrivals of a run: each begins when it is due, whatever became of those before it."""

from __future__ import annotations

from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING

import gevent

from drillbook.load.generator.client import SECONDS
from drillbook.load.generator.tally import MOST_IN_A_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from drillbook.load.generator.arrival import Arrival
    from drillbook.load.generator.book import Book
    from drillbook.load.generator.crowd import Crowd

SETTLES = 0.5  # seconds beyond those that a request may take
GOODBYE = 2.0  # seconds for what visitors do in the end
AT_ONCE = 16  # late arrivals, before answers that have come in are read
BEHIND = "the load generator could not keep up"


class Walk:
    """Gives arrivals to a crowd; `tell` sends what is in the book."""

    def __init__(self, crowd: Crowd, book: Book, tell: Callable[[], None]) -> None:
        self._crowd, self._book, self._tell = crowd, book, tell
        self._until = book.ends + SECONDS
        self._late_in_a_row = 0

    def through(self, arrivals: Iterator[Arrival]) -> None:
        """Sends all of them. Late ones are sent at once; none is left out before the run is over for good."""
        for arrival in arrivals:
            self._wait(arrival.due)
            if why := self._hand(arrival):
                self._give_up(chain([arrival], arrivals), why)

    def settle(self) -> None:
        """Waits for the last answers, as long as a request may take; then sends all visitors home."""
        self._crowd.settle(self._until + SETTLES, GOODBYE)
        self._crowd.disband(GOODBYE)

    def _wait(self, moment: float) -> None:
        """Waits for a moment. Where it is over already, lets what answers there are be read first, now and then.

        So a generator that cannot keep up is late, and says so; it does not take answers for late that it left unread.
        """
        left = moment - monotonic()
        self._late_in_a_row = 0 if left > 0 else self._late_in_a_row + 1
        if left > 0:
            gevent.sleep(left)
        elif self._late_in_a_row % AT_ONCE == 0:
            gevent.idle()

    def _hand(self, arrival: Arrival) -> str:
        """Gives it to a visitor, as soon as one is free; why that can no longer be, where it cannot."""
        if monotonic() > self._until:
            return BEHIND
        while not self._crowd.give(arrival):
            if not self._crowd.wait(self._until):
                return f"all {self._crowd.most} visitors were waiting for answers"
            arrival = arrival._replace(ready=monotonic())
        return ""

    def _give_up(self, arrivals: Iterable[Arrival], why: str) -> None:
        for number, arrival in enumerate(arrivals, 1):
            self._book.never_sent(arrival, why, late=why == BEHIND)
            if number % MOST_IN_A_LINE == 0:
                self._tell()
