"""The visitors of a run: made as they are needed, and used again, so that their connections are too."""

from __future__ import annotations

import resource
from collections import defaultdict
from time import monotonic
from typing import TYPE_CHECKING

import gevent
from gevent.event import Event

from drillbook.load.generator.seat import Seat

if TYPE_CHECKING:
    from drillbook.load.generator.arrival import Arrival
    from drillbook.load.generator.book import Book
    from drillbook.load.generator.visitor import Visitor
    from drillbook.load.generator.world import World

MOST = 1000
_ENOUGH_FILES = 4096
_OTHER_FILES = 64


class Crowd:
    """Visitors, at most `most` at a time."""

    def __init__(self, world: World, book: Book, most: int) -> None:
        self.most, self.made, self._world, self._book = most, 0, world, book
        self._here: set[Seat] = set()
        self._idle: dict[type[Visitor], list[Seat]] = defaultdict(list)
        self._freed = Event()

    def give(self, arrival: Arrival) -> bool:
        """Gives it to the visitor who rested last, whose connection is the freshest; False where all are busy."""
        if idle := self._idle[arrival.kind]:
            idle.pop().wake(arrival)
            return True
        if len(self._here) >= self.most and not self._send_home():
            return False
        visitor = arrival.kind(self._world)
        self._here.add(Seat(visitor, arrival, self._book, rests=self._rests, leaves=self._leaves))
        self.made += 1
        return True

    def wait(self, until: float) -> bool:
        """Waits for somebody to come free; whether that happened before the moment `until`."""
        self._freed.clear()
        return bool(self._freed.wait(max(0.0, until - monotonic())))

    def settle(self, until: float, within: float) -> None:
        """Waits for those who are busy, until the moment `until`; who is so even then is cut off, `within` seconds."""
        while any(seat.arrival for seat in self._here) and self.wait(until):
            pass
        late = [(seat, seat.arrival) for seat in self._here if seat.arrival]
        for seat, arrival in late:
            self._book.cut_off(arrival, seat.visitor.turn)
        gevent.killall([seat.greenlet for seat, _ in late], timeout=within)

    def disband(self, within: float) -> None:
        """Sends everybody home, and waits so many seconds for what they do on their way."""
        leaving = [seat.greenlet for seat in self._here]
        while self._send_home():
            pass
        gevent.joinall(leaving, within)

    def _rests(self, seat: Seat) -> None:
        """Somebody has nothing to do."""
        self._idle[type(seat.visitor)].append(seat)
        self._freed.set()

    def _leaves(self, seat: Seat) -> None:
        """Somebody goes."""
        self._here.discard(seat)
        self._freed.set()

    def _send_home(self) -> bool:
        """Whether there was somebody without anything to do, who goes now."""
        for idle in filter(None, self._idle.values()):
            seat = idle.pop()
            self._here.discard(seat)
            seat.wake(None)
            return True
        return False


def most_visitors() -> int:
    """How many visitors this process has files for, at most 1000: each has a connection of its own."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(1, min(MOST, files - _OTHER_FILES))
