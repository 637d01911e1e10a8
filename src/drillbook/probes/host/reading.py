"""Reads a machine: its node_exporter's metrics, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.probes.page import MEBIBYTE, address, get

if TYPE_CHECKING:
    from drillbook.system.target import Service


async def facts(service: Service) -> dict[str, Any]:
    """The metrics page, whether or not the address names it."""
    url = service.address if service.address.rstrip("/").endswith("/metrics") else address(service.address, "/metrics")
    seconds, proxy = service.declared.seconds, service.proxy
    page = await get(url, headers=service.headers, seconds=seconds, cap=16 * MEBIBYTE, proxy=proxy)
    return {"metrics": page, "asked": 1, "mute": page.get("silent", False)}


def cost(_service: Service) -> int:
    """Its metrics, once."""
    return 1


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts."""
