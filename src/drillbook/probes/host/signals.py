"""Signals from a machine: any metric of its node_exporter, from the page that is read anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drillbook.probes import series
from drillbook.probes.host.reading import facts
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.probes.host.table import MetricRead
    from drillbook.system.reads import Read
    from drillbook.system.target import Service


async def bring(service: Service, _reads: Mapping[str, Read], found: dict[str, Any], *, anew: bool) -> dict[str, Any]:
    """The page as it is now, where the one that was read does not do; nothing where nobody answered that."""
    if not anew or found["metrics"]["error"]:
        return {}
    brought = await facts(service)
    return brought | {"failed": brought["metrics"]["error"]}


def values(_service: Service, _key: str, read: Read, reading: dict[str, Any]) -> dict[str, Any]:
    """Each series by its labels."""
    wanted, page = cast("MetricRead", read), reading["signals"].get("metrics") or reading["metrics"]
    if page["error"]:
        raise Unmeasured(f"/metrics: {page['error']['reason']}")
    return series.named(page["body"], wanted.metric, wanted.labels)


def cost(_service: Service, _reads: Mapping[str, Read]) -> int:
    """The page once more, at most."""
    return 1
