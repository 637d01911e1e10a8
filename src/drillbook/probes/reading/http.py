"""Reads a service that speaks HTTP: its declared pages in sequence, then its metrics, twice.

In sequence, so that one page's latency does not hold another's; once half of the deadline is gone, the rest
is asked at once, so that a sick service does not make everybody wait.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.http import HEALTH_PAGES, alive, health_page
from drillbook.probes.reading.page import MEBIBYTE, Page, address, get

if TYPE_CHECKING:
    from drillbook.system import HttpService
    from drillbook.target import Service


async def facts(service: Service) -> dict[str, Any]:
    """The pages that the service declares; only the health page where that one does not answer."""
    name, page = health_page(service)
    pages = {name: await _get(service, page.path)}
    if alive(service, pages[name]):
        pages |= await _others(service, {key: path for key, path in _paths(service).items() if key != name})
    return {"pages": pages, "asked": len(pages)}


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """The metrics page as it is now; None where there is none, or nobody to serve it."""
    declared = cast("HttpService", service.declared)
    name, _ = health_page(service)
    if not declared.metrics or not alive(service, facts["pages"][name]):
        return None
    page = await _get(service, declared.metrics.path, cap=16 * MEBIBYTE)
    return {"metrics": page, "at": time.monotonic(), "asked": 1}


def cost(service: Service) -> int:
    """Each page once, the metrics twice."""
    metrics = cast("HttpService", service.declared).metrics
    return len({health_page(service)[0], *_paths(service)}) + (2 if metrics else 0)


def _paths(service: Service) -> dict[str, str]:
    declared = cast("HttpService", service.declared)
    named = {name: getattr(declared, name) for name in HEALTH_PAGES}
    pages = {name: page.path for name, page in named.items() if page}
    return pages | {f"endpoint {name}": endpoint.path for name, endpoint in declared.endpoints.items()}


async def _others(service: Service, paths: dict[str, str]) -> dict[str, Page]:
    begun, pages = time.monotonic(), dict[str, Page]()
    for name, path in paths.items():
        if time.monotonic() - begun > service.declared.seconds / 2:
            break
        pages[name] = await _get(service, path)
    left = [name for name in paths if name not in pages]
    return pages | dict(zip(left, await asyncio.gather(*(_get(service, paths[name]) for name in left)), strict=True))


async def _get(service: Service, path: str, *, cap: int = MEBIBYTE) -> Page:
    return await get(address(service.address, path), headers=service.headers, seconds=service.declared.seconds, cap=cap)
