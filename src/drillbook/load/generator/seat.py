"""One visitor of a run, in a greenlet of its own: does a task for each arrival that it is given, and rests."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias

import gevent

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.load.generator.arrival import Arrival
    from drillbook.load.generator.book import Book
    from drillbook.load.generator.visitor import Visitor

    Told: TypeAlias = Callable[["Seat"], None]


class Seat:
    """Where a visitor lives; `arrival` is what it is busy with, None while it rests.

    `rests` is told each time that it has nothing to do, `leaves` once it goes.
    """

    def __init__(self, visitor: Visitor, arrival: Arrival, book: Book, *, rests: Told, leaves: Told) -> None:
        self.visitor = visitor
        self.arrival: Arrival | None = arrival
        self._book, self._rests, self._leaves, self._hub = book, rests, leaves, gevent.get_hub()
        self.greenlet = gevent.spawn(self._live, arrival)

    def wake(self, arrival: Arrival | None) -> None:
        """Has it do something, or go home where that is None."""
        self.arrival = arrival
        self._hub.loop.run_callback(self.greenlet.switch, arrival)  # the cheapest way to hand a greenlet something

    def _live(self, arrival: Arrival) -> None:
        name, begun = type(self.visitor).__name__, monotonic()
        try:
            self._book.begins(arrival, self.visitor.turn)
            if self._tries(f"on_start {name}", begun, self.visitor.on_start):
                self._serve(arrival)
                self._tries(f"on_stop {name}", monotonic(), self.visitor.on_stop)
        finally:
            self._leaves(self)

    def _serve(self, arrival: Arrival) -> None:
        """Does one task after the other until it is sent home."""
        turn = self.visitor.turn
        if turn.due is not None:  # nothing was asked in on_start: the arrival's first request comes now
            turn.began = monotonic()
        given: Arrival | None = arrival
        while given:
            self._tries(given.name, given.due, given.task, self.visitor)
            if given := self._next():
                self._book.begins(given, turn)

    def _next(self) -> Arrival | None:
        self.arrival = self.visitor.turn.due = None
        self._rests(self)
        given: Arrival | None = self._hub.switch()
        return given

    def _tries(self, name: str, due: float, does: Callable[..., Any], *arguments: Any) -> bool:
        """Whether that went well; what a profile's own code raises is one more request that was not served."""
        try:
            does(*arguments)
        except gevent.GreenletExit:
            raise
        except BaseException as error:  # whatever it is, the next arrival is due all the same
            self._book.failed(name, due, error)
            return False
        return True
