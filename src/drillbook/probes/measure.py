"""One run's reading of all its services: everything once, and what counts a second time after one shared wait.

Reading is all the input and output there is; what the nouns (`Http`, `Redis`, …) answer, they work out from it.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import crashed
from drillbook.probes.runner import hurried, run

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from types import ModuleType

    from drillbook.target import Service

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
    """The readings of all services, by name, their counters `interval` seconds apart; never an exception.

    All are asked at the same time. Counters are read once everything else was asked for, so that what we ask
    ourselves (an endpoint fills a cache, a queue's length is a lookup) is not in the interval.
    """
    asked = list(services)
    readers = {service.name: _reader(service) for service in asked}  # imported here: no latency holds an import
    patience = 4 * max((service.declared.seconds for service in asked), default=0.0) + interval + 2 * _PATIENCE
    try:
        return run(_measure(asked, readers, interval), within=patience)
    except Exception as error:
        return {service.name: Readings({"error": crashed(error)}, {}, 0.0, 0) for service in asked}


async def _measure(
    services: list[Service], readers: dict[str, ModuleType | Exception], interval: float
) -> dict[str, Readings]:
    facts = await _each({one.name: _facts(readers[one.name], one) for one in services})
    before = await _each({one.name: _counters(readers[one.name], one, facts[one.name]) for one in services})
    counting = [one for one in services if "at" in before[one.name]]
    if counting:
        await asyncio.sleep(max(before[one.name]["at"] for one in counting) + interval - time.monotonic())
    after = await _each({one.name: _counters(readers[one.name], one, facts[one.name]) for one in counting})
    return {one.name: _readings(facts[one.name], before[one.name], after.get(one.name, {})) for one in services}


def _readings(facts: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> Readings:
    seconds = after["at"] - before["at"] if "at" in after else 0.0
    asked = sum(reading.get("asked", 0) for reading in (facts, before, after))
    first = facts | ({"lost": before["error"]} if "error" in before else before)
    return Readings(_without_costs(first), _without_costs(after), seconds, asked)


def _without_costs(reading: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reading.items() if name not in ("asked", "at")}


async def _facts(reader: ModuleType | Exception, service: Service) -> dict[str, Any]:
    if isinstance(reader, Exception):
        return {"error": crashed(reader)}
    return await _guarded(reader.facts(service), 2 * service.declared.seconds)


async def _counters(reader: ModuleType | Exception, service: Service, facts: dict[str, Any]) -> dict[str, Any]:
    if isinstance(reader, Exception) or "error" in facts:
        return {}
    return await _guarded(reader.counters(service, facts), service.declared.seconds)


async def _guarded(reading: Coroutine[Any, Any, dict[str, Any] | None], seconds: float) -> dict[str, Any]:
    """A reading that never raises: readers keep deadlines of their own, this one is for a reader that does not."""
    try:
        return await hurried(reading, seconds + _PATIENCE) or {}
    except Exception as error:
        return {"error": crashed(error)}


async def _each(readings: dict[str, Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    return dict(zip(readings, await asyncio.gather(*readings.values()), strict=True))


def _reader(service: Service) -> ModuleType | Exception:
    try:
        return importlib.import_module(f"{_READERS}.{service.kind}")
    except Exception as error:
        return error
