"""Reads a Loki: whether it is ready, and whether it answers queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.probes.prometheus.answer import path_of
from drillbook.probes.prometheus.asking import asked, in_turn
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from drillbook.system.target import Service

READY, QUERY = "/ready", "/loki/api/v1/query"
PATHS = {"ready": READY, "query": path_of("vector(1)+vector(1)", QUERY)}  # the question that Grafana asks


async def facts(service: Service) -> dict[str, Any]:
    """What it answered to each of these, in `answers`."""
    turn_of(service).speaks = "ready"
    pages = await in_turn(service, PATHS)
    return {"answers": pages, "asked": asked(pages)}


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts."""


def cost(_service: Service) -> int:
    """Each of these once."""
    return len(PATHS)
