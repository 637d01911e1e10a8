"""One run's reading of all its services: everything once, and what counts a second time after one shared wait.

Reading is all the input and output there is; what the nouns (`Http`, `Redis`, …) answer, they work out from it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from drillbook.probes import certificate, signals
from drillbook.probes.failure import crashed
from drillbook.probes.lateness import Stopwatch
from drillbook.probes.runner import LONGER, run
from drillbook.probes.seat import PATIENCE, Seat, counters_of, facts_of, longest, prepared, reader_of, visits_of
from drillbook.probes.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from drillbook.system.target import Service

    Reading = dict[str, Any]
    Found = list[Reading]
    Ask = Callable[..., Awaitable[Reading]]


@dataclass(frozen=True)
class Readings:
    """Everything a run read from one service; plain JSON inside, so that it can cross to an xdist worker.

    `first` holds the facts and the counters as they were, `second` the counters `seconds` later, by the monotonic
    clock (0 where they were not read again). `asked` is how many requests, commands or queries it cost the service.
    """

    first: dict[str, Any]
    second: dict[str, Any]
    seconds: float
    asked: int

    def to_plain(self) -> dict[str, Any]:
        """The readings as plain JSON."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Readings:
        """The readings that `to_plain` made."""
        return cls(**plain)

    @property
    def hangs(self) -> str:
        """What did not answer, so that nothing more is to be asked of the service for now; empty where all did."""
        return str(self.first.get("hangs", ""))


def measure(services: Iterable[Service], interval: float) -> dict[str, Readings]:
    """The readings of all services, by name, their counters `interval` seconds apart; never an exception."""
    return Meter(services, interval).measure()


def cost(service: Service) -> int:
    """How many requests, commands or queries one round of measuring costs the service, all going well."""
    reader = reader_of(service)
    if isinstance(reader, Exception):
        raise reader
    asked: int = reader.cost(service)
    return asked + certificate.cost(service) + signals.cost(service)


def nothing(*_: object) -> None:
    """What is done unless somebody has something to do."""


class Meter:
    """Measures the same services again and again: the first time over an interval, then since the time before.

    `late` says for how many seconds of the last measuring we were late ourselves; `meanwhile` is called while the
    first interval passes. All are asked at the same time, those that joined with turns of their own as well.
    What we ask ourselves (an endpoint fills a cache, a queue's length is a lookup) is asked between two intervals,
    never within one; but for the requests that we make in place of visitors.
    """

    def __init__(self, services: Iterable[Service], interval: float, turns: Turns | None = None) -> None:
        self._seats: list[Seat] = []
        self._interval = interval
        self.late = 0.0
        self.meanwhile: Callable[[], None] = nothing
        self._facts: Found = []
        self._opened: Found = []
        self.join(services, turns or Turns())

    def join(self, services: Iterable[Service], turns: Turns) -> None:
        """Measures these as well, side by side with the others: another target's, whose names may be the same."""
        # imported and prepared here: no latency holds an import
        self._seats += [Seat(service, prepared(service), turns) for service in services]

    def measure(self) -> dict[str, Readings]:
        """The readings of all services, by name, which is a name of one target; never an exception."""
        return {seat.service.name: one for seat, one in zip(self._seats, self.readings(), strict=True)}

    def readings(self) -> list[Readings]:
        """The readings of all services, in the order in which they joined; never an exception."""
        self.late = 0.0
        slowest = max((longest(seat.service) for seat in self._seats), default=0.0)
        try:
            round_ = self._next() if self._opened else self._first()
            found = run(round_, within=LONGER * 14 * slowest + self._interval + 2 * PATIENCE)
        except Exception as error:
            self._opened = []
            found = [Readings({"error": crashed(error)}, {}, 0.0, 0) for _ in self._seats]
        found = [_ended(*one) for one in zip(self._seats, found, strict=True)]
        for seat, one in zip(self._seats, found, strict=True):
            seat.turns.spending.settle(seat.service, whole="error" not in one.first)
        return found

    async def _first(self) -> list[Readings]:
        self._facts = await self._ask(facts_of, await self._begun())
        opened = await self._ask(counters_of, self._facts)
        started = [reading["at"] for reading in opened if "at" in reading]
        visits = await self._ask(partial(visits_of, self._interval), self._facts)
        if started:
            self.meanwhile()  # nothing is timed now
            await asyncio.sleep(max(started) + self._interval - time.monotonic())
        self._opened = await self._ask(counters_of, self._facts, only=opened)
        self._facts = _joined(self._facts, visits)
        return self._readings(opened, self._opened)

    async def _next(self) -> list[Readings]:
        kept = await self._begun()  # before anything is asked
        known = [now or before for now, before in zip(kept, self._facts, strict=True)]
        # a round is not to last for its interval
        visits = await self._ask(partial(visits_of, self._interval / 2), known)
        opened, closed = self._opened, await self._ask(counters_of, known, only=self._opened)
        self._facts = _joined(await self._ask(facts_of, kept), visits)
        self._opened = await self._ask(counters_of, self._facts)
        fresh = [before if after else now for before, after, now in zip(opened, closed, self._opened, strict=True)]
        asked = zip(self._facts, closed, self._opened, strict=True)
        return [
            replace(one, asked=sum(part.get("asked", 0) for part in parts))
            for one, parts in zip(self._readings(fresh, closed), asked, strict=True)
        ]

    async def _begun(self) -> Found:
        """What is told of services that are not asked in this round, which begins."""
        seats = {(seat.turns, seat.service.name) for seat in self._seats}
        servers = {(seat.turns, one.name): one for seat in self._seats if (one := seat.service.server)}
        for turns, name in servers.keys() - seats:
            turns.begin_for_others(servers[turns, name])
        return await self._ask(_kept)

    async def _ask(self, how: Ask, *found: Found, only: Found | None = None) -> Found:
        """What each service answers, given what was `found` of it; nothing from those that `only` did not hear from."""
        asked = [at for at in range(len(self._seats)) if only is None or "at" in only[at]]
        with Stopwatch() as watch:
            told = await asyncio.gather(*(_in_turn(self._seats[at], how, [one[at] for one in found]) for at in asked))
        self.late += watch.timed()["late"]
        answers = dict(zip(asked, told, strict=True))
        return [answers.get(at, {}) for at in range(len(self._seats))]

    def _readings(self, before: Found, after: Found) -> list[Readings]:
        return [_readings(*parts) for parts in zip(self._facts, before, after, strict=True)]


async def _in_turn(seat: Seat, how: Ask, found: Found) -> Reading:
    with seat.turns.heeded():
        return await how(seat, *found)


async def _kept(seat: Seat) -> Reading:
    """What is told of a service that is not asked in this round."""
    if isinstance(seat.reader, Exception):
        return {"error": crashed(seat.reader)}
    return seat.turns.begin(seat.service, partial(cost, seat.service)) or {}


def _ended(seat: Seat, one: Readings) -> Readings:
    """The readings with what this round found out, and nothing of any other; its turn is over."""
    return replace(one, first=seat.turns.end(seat.service, one.first))


def _readings(facts: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> Readings:
    seconds = after["at"] - before["at"] if "at" in after else 0.0
    asked = sum(reading.get("asked", 0) for reading in (facts, before, after))
    first = facts | ({"lost": before["error"]} if "error" in before else before)
    return Readings(_without_costs(first), _without_costs(after), seconds, asked)


def _joined(facts: Found, visits: Found) -> Found:
    """The facts with what our own requests came to, and what both have cost."""
    return [
        visited | found | {"asked": found.get("asked", 0) + visited.get("asked", 0)}
        for found, visited in zip(facts, visits, strict=True)
    ]


def _without_costs(reading: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reading.items() if name not in ("asked", "at")}
