"""One run's reading of all its services: everything once, and what counts a second time after one shared wait.

Reading is all the input and output there is; what the nouns (`Http`, `Redis`, …) answer, they work out from it.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import crashed
from drillbook.probes.runner import hurried, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable
    from types import ModuleType

    from drillbook.target import Service

    Reader = ModuleType | Exception
    Found = dict[str, dict[str, Any]]
    Ask = Callable[[Reader, Service], Awaitable[dict[str, Any]]]

_READERS = "drillbook.probes.reading"
_PATIENCE = 5.0  # seconds that a reader may take beyond the deadlines it keeps itself


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


def measure(services: Iterable[Service], interval: float) -> dict[str, Readings]:
    """The readings of all services, by name, their counters `interval` seconds apart; never an exception."""
    return Meter(services, interval).measure()


def cost(service: Service) -> int:
    """How many requests, commands or queries one round of measuring costs the service, all going well."""
    reader = _reader(service)
    if isinstance(reader, Exception):
        raise reader
    asked: int = reader.cost(service)
    return asked


class Meter:
    """Measures the same services again and again: the first time over an interval, then since the time before.

    All are asked at the same time. What we ask ourselves (an endpoint fills a cache, a queue's length is a lookup)
    is asked between two intervals, never within one.
    """

    def __init__(self, services: Iterable[Service], interval: float) -> None:
        self._services = list(services)
        self._interval = interval
        # imported here: no latency holds an import
        self._readers = {service.name: _reader(service) for service in self._services}
        self._facts: Found = {}
        self._opened: Found = {}

    def measure(self) -> dict[str, Readings]:
        """The readings of all services, by name; never an exception."""
        slowest = max((service.declared.seconds for service in self._services), default=0.0)
        try:
            round_ = self._next() if self._opened else self._first()
            return run(round_, within=4 * slowest + self._interval + 2 * _PATIENCE)
        except Exception as error:
            self._opened = {}
            return {one.name: Readings({"error": crashed(error)}, {}, 0.0, 0) for one in self._services}

    async def _first(self) -> dict[str, Readings]:
        self._facts = await self._ask(_facts)
        opened = await self._ask(self._counters)
        started = [reading["at"] for reading in opened.values() if "at" in reading]
        if started:
            await asyncio.sleep(max(started) + self._interval - time.monotonic())
        self._opened = await self._ask(self._counters, opened)
        return self._readings(opened, self._opened)

    async def _next(self) -> dict[str, Readings]:
        opened, closed = self._opened, await self._ask(self._counters, self._opened)
        self._facts = await self._ask(_facts)
        self._opened = await self._ask(self._counters)
        fresh = {name: opened[name] if closed[name] else self._opened[name] for name in closed}
        found = self._readings(fresh, closed)
        now = (self._facts, closed, self._opened)
        return {
            name: replace(one, asked=sum(part[name].get("asked", 0) for part in now)) for name, one in found.items()
        }

    async def _ask(self, how: Ask, only: Found | None = None) -> Found:
        """What each service answers; nothing from those that `only` did not hear from."""
        wanted = [one for one in self._services if only is None or "at" in only[one.name]]
        found = await asyncio.gather(*(how(self._readers[one.name], one) for one in wanted))
        silent: Found = {one.name: {} for one in self._services}
        return silent | dict(zip((one.name for one in wanted), found, strict=True))

    async def _counters(self, reader: Reader, service: Service) -> dict[str, Any]:
        facts = self._facts[service.name]
        if isinstance(reader, Exception) or "error" in facts:
            return {}
        return await _guarded(reader.counters(service, facts), service.declared.seconds)

    def _readings(self, before: Found, after: Found) -> dict[str, Readings]:
        return {name: _readings(facts, before[name], after[name]) for name, facts in self._facts.items()}


def _readings(facts: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> Readings:
    seconds = after["at"] - before["at"] if "at" in after else 0.0
    asked = sum(reading.get("asked", 0) for reading in (facts, before, after))
    first = facts | ({"lost": before["error"]} if "error" in before else before)
    return Readings(_without_costs(first), _without_costs(after), seconds, asked)


def _without_costs(reading: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reading.items() if name not in ("asked", "at")}


async def _facts(reader: Reader, service: Service) -> dict[str, Any]:
    if isinstance(reader, Exception):
        return {"error": crashed(reader)}
    return await _guarded(reader.facts(service), 2 * service.declared.seconds)


async def _guarded(reading: Coroutine[Any, Any, dict[str, Any] | None], seconds: float) -> dict[str, Any]:
    """A reading that never raises: readers keep deadlines of their own, this one is for a reader that does not."""
    try:
        return await hurried(reading, seconds + _PATIENCE) or {}
    except Exception as error:
        return {"error": crashed(error)}


def _reader(service: Service) -> Reader:
    try:
        return importlib.import_module(f"{_READERS}.{service.kind}")
    except Exception as error:
        return error
