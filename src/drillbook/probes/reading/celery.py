"""Reads Celery through its broker without writing to it: lengths of lists, and who is connected."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.reading.redis import Commands, counted, session

if TYPE_CHECKING:
    from drillbook.system import CeleryService
    from drillbook.target import Service

SEPARATOR = "\x06\x16"  # kombu puts it between a queue's name and a priority
PRIORITIES = ("3", "6", "9")  # kombu's default steps; priority 0 has the bare name
UNACKED = "unacked"


async def facts(service: Service) -> dict[str, Any]:
    """How long each list of each declared queue is, and how many jobs are delivered and not acknowledged."""
    queues = cast("CeleryService", service.declared).queues

    async def lengths(commands: Commands) -> dict[str, Any]:
        keys = [key for queue in queues for key in (queue, *(f"{queue}{SEPARATOR}{step}" for step in PRIORITIES))]
        found = {key: await commands.ask("LLEN", key) for key in keys}
        return {"lengths": found, "unacked": await commands.ask("HLEN", UNACKED)}

    return await session(service, lengths)


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Who is connected to the broker now, each as a table of what CLIENT LIST says; None where nobody answers."""

    async def clients(commands: Commands) -> dict[str, Any]:
        listed = str(await commands.ask("CLIENT", "LIST"))
        return {"clients": [_fields(line) for line in listed.splitlines()], "at": time.monotonic()}

    return None if facts["failed"] else await counted(service, clients)


def cost(service: Service) -> int:
    """Every list of every queue, what is unacknowledged, and who is connected, twice."""
    return len(cast("CeleryService", service.declared).queues) * (1 + len(PRIORITIES)) + 1 + 2


def _fields(line: str) -> dict[str, str]:
    pairs = dict(word.split("=", 1) for word in line.split(" ") if "=" in word)
    return {name: pairs.get(name, "") for name in ("cmd", "flags", "db", "idle", "psub", "sub")}
