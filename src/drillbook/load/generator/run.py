"""One run of a profile, from its first arrival to the last answer, told once a second."""

from __future__ import annotations

from itertools import count
from time import monotonic, process_time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import gevent
from gevent.event import AsyncResult
from locust import log

from drillbook.load.generator.arrival import arrivals
from drillbook.load.generator.book import Book
from drillbook.load.generator.bounds import Bounds
from drillbook.load.generator.crowd import Crowd, most_visitors
from drillbook.load.generator.walk import Walk
from drillbook.load.generator.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.load.generator.loading import Loaded
    from drillbook.load.generator.wire import Wire


class Run:
    """A run of `loaded` against `host`, told to `wire`."""

    def __init__(self, loaded: Loaded, wire: Wire, *, host: str, headers: Mapping[str, str], read_only: bool) -> None:
        self._loaded, self._wire = loaded, wire
        self._over: AsyncResult[str] = AsyncResult()  # why it was refused; empty where it came to its end
        host = urlsplit(host)._replace(query="", fragment="").geturl().rstrip("/")
        bounds = Bounds(host=host, leaves=self._over.set, read_only=read_only, headers=headers)
        self._world, self._most = World(loaded, bounds), most_visitors()

    def go(self) -> dict[str, Any]:
        """The last line of the protocol: what the run came to."""
        self._book = Book(monotonic(), self._loaded.profile.seconds)
        self._crowd = Crowd(self._world, self._book, self._most)
        self._world.events.request.add_listener(self._book.ended)  # type: ignore[no-untyped-call]
        gevent.spawn(self._tell_each_second)
        gevent.spawn(self._walk).link(self._over)
        refused = self._over.get()
        self._tell()
        if log.unhandled_greenlet_exception:  # Locust goes on where what listens to it fails
            raise RuntimeError("a request has ended without a sample")
        return {"refused": refused} if refused else {"ended": self._facts()}

    def _walk(self) -> str:
        walk, computed = Walk(self._crowd, self._book, self._tell), process_time()
        walk.through(arrivals(self._loaded, self._book.started))
        self._cpu = (process_time() - computed) / (monotonic() - self._book.started)
        walk.settle()
        return ""

    def _tell_each_second(self) -> None:
        for second in count(1):
            gevent.sleep(max(0.0, self._book.started + second - monotonic()))
            self._tell()

    def _tell(self) -> None:
        self._wire.send(self._book.lines())

    def _facts(self) -> dict[str, Any]:
        book, late = self._book, self._book.lateness
        return {
            "seconds": round(monotonic() - book.started, 3),
            "asked": self._loaded.profile.asked,
            "sent": book.begun_by_the_end,
            "on_time": late.on_time,
            "late_p95": late.percentile(95),
            "cpu": round(self._cpu, 4),
            "visitors": self._crowd.made,
        }
