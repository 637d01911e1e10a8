"""Brings home what signals are read from: all of one service's together, after what its kind reads anyway.

A kind that can be read has a module `signals`, with `bring` (asks once for all of them, `anew` even for what was read
just now), `values` (what of it belongs to one read) and `cost`; where it has `hold_together`, that says why two
readings of a counter cannot be compared.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import classify, crashed
from drillbook.probes.runner import hurried
from drillbook.probes.turns import turn_of
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from drillbook.system.reads import Read
    from drillbook.system.target import Service

    Reading = dict[str, Any]
    Reads = dict[str, Read]

SIGNALS = "signals"
DEADLINES = 2  # as long as so many of its service's, all signals together may take
_PATIENCE = 5.0


def once(service: Service) -> Reads:
    """What is read once in a round, each under a name of its own."""
    return {key: read for key, (read, twice) in _reads(service).items() if not twice}


def counted(service: Service) -> Reads:
    """What is read at both ends of the interval: what counts, and what is read there anyway."""
    return {key: read for key, (read, twice) in _reads(service).items() if twice}


async def with_once(service: Service, facts: Reading) -> Reading:
    """The facts with what is read once, in `signals`."""
    if "error" in facts or not (reads := once(service)):
        return facts
    brought = await _brought(service, reads, facts, anew=False)
    return facts | {"signals": brought, "asked": facts.get("asked", 0) + brought.pop("asked", 0)}


async def with_counted(service: Service, facts: Reading, counters: Reading) -> Reading:
    """The counters with what is read at both ends, in `counted`."""
    if not (reads := counted(service)):
        return counters
    brought = await _brought(service, reads, facts | counters, anew=True)
    asked = counters.get("asked", 0) + brought.pop("asked", 0)
    return {"at": time.monotonic()} | counters | {"counted": brought, "asked": asked}


def cost(service: Service) -> int:
    """How many requests, commands or queries the signals of one round cost the service, all going well."""
    if not service.signals:
        return 0
    kind = kinds()[service.kind].signals
    rounds = ((once(service), 1), (counted(service), 2))
    return sum(times * kind.cost(service, reads) for reads, times in rounds if reads)


def _reads(service: Service) -> dict[str, tuple[Read, bool]]:
    """Everything that is read from the service, each with whether that is at both ends of the interval."""
    every = (one for one in service.signals.values())
    return {key: (read, one.twice or read.counts) for one in every for key, read in one.reads.items()}


async def _brought(service: Service, reads: Reads, found: Reading, *, anew: bool) -> Reading:
    turn = turn_of(service)
    if unasked := turn.instead(SIGNALS):
        return {"failed": unasked["error"], "when": time.time()}
    try:
        asking = kinds()[service.kind].signals.bring(service, reads, found, anew=anew)
        brought: Reading = await hurried(asking, DEADLINES * service.declared.longest + _PATIENCE)
    except Exception as error:
        brought = {"failed": classify(error) or crashed(error)}
    turn.hear_of(SIGNALS, brought.get("failed"), asked="what its signals read")
    return brought | {"when": time.time()}
