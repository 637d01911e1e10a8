"""One of the services that a meter asks: what is read of it in a round, each part by itself, in its turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.probes import certificate, signals
from drillbook.probes.failure import crashed
from drillbook.probes.runner import LONGER, hurried
from drillbook.probes.turns import turn_of
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import ModuleType

    from drillbook.probes.turns import Turns
    from drillbook.system.target import Service

    Reader = ModuleType | Exception
    Reading = dict[str, Any]

COUNTERS = "counters"
PATIENCE = 5.0  # seconds that a reader may take beyond the deadlines it keeps itself


@dataclass(frozen=True)
class Seat:
    """One of the services that a meter asks: what reads it, and whose turns it keeps."""

    service: Service
    reader: Reader
    turns: Turns


async def facts_of(seat: Seat, kept: Reading) -> Reading:
    """What is read once in a round; what is `kept` of a service that is not asked in it."""
    reader, service, turns = seat.reader, seat.service, seat.turns
    if kept or isinstance(reader, Exception):
        return kept
    facts = await _guarded(reader.facts(service), 6 * longest(service))
    turn = turn_of(service)
    turn.hear_of_all(facts)
    turn.at_last()
    facts = await certificate.with_certificate(service, facts)
    facts = await signals.with_once(service, facts)
    turns.count(service, facts)
    return facts


async def counters_of(seat: Seat, facts: Reading) -> Reading:
    """What counts, as it is now; nothing of a service of which nothing was read."""
    reader, service = seat.reader, seat.service
    if isinstance(reader, Exception) or "error" in facts:
        return {}
    turn = turn_of(service)
    if told := turn.instead(COUNTERS):
        found = {"lost": told["error"], "asked": 0}
    else:
        found = await _guarded(reader.counters(service, facts), 2 * service.declared.longest)
        turn.hear_of(COUNTERS, found.get("lost"), asked="what it counts")
    found = await signals.with_counted(service, facts, found)
    seat.turns.count(service, found)
    return found


async def visits_of(seconds: float, seat: Seat, facts: Reading) -> Reading:
    """What our own requests came to, where they are in place of visitors'."""
    reader, service = seat.reader, seat.service
    if service.traffic != "ours" or not hasattr(reader, "visits") or "error" in facts:
        return {}
    found = await _guarded(reader.visits(service, facts, seconds), seconds + LONGER * service.declared.longest)
    seat.turns.count(service, found)
    return found


def longest(service: Service) -> float:
    """The longest deadline that the reading of a service keeps to: its own, or that of the server which knows it."""
    return max(one.declared.longest for one in (service, service.server) if one)


async def _guarded(reading: Coroutine[Any, Any, dict[str, Any] | None], seconds: float) -> dict[str, Any]:
    """A reading that never raises: readers keep deadlines of their own, this one is for a reader that does not."""
    try:
        return await hurried(reading, seconds + PATIENCE) or {}
    except Exception as error:
        return {"error": crashed(error)}


def prepared(service: Service) -> Reader:
    """The reader of a service, once it has loaded what it needs, where that is more than a module."""
    reader = reader_of(service)
    try:
        if hasattr(reader, "prepare"):
            reader.prepare(service)
    except Exception as error:
        return error
    return reader


def reader_of(service: Service) -> Reader:
    """What reads services of that kind, or why nothing can."""
    try:
        return kinds()[service.kind].reading
    except Exception as error:
        return error
