"""Reads a Prometheus server: whether it is ready and answers queries, its targets, and its alerting rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.probes.prometheus.answer import path_of
from drillbook.probes.prometheus.asking import asked, in_turn
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from drillbook.system.target import Service

READY, TARGETS, RULES = "/-/ready", "/api/v1/targets", "/api/v1/rules"
PATHS = {
    "ready": READY,
    "query": path_of("time()"),
    "targets": f"{TARGETS}?state=active",
    "rules": f"{RULES}?type=alert",
}


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
