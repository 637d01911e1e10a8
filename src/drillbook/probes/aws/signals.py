"""Signals from CloudWatch: the newest whole datapoint of each metric, all by one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.aws import datapoints
from drillbook.probes.aws.datapoints import Metric
from drillbook.probes.aws.reading import Api, Lost
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.probes.aws.table import CloudWatchRead
    from drillbook.system.reads import Read
    from drillbook.system.target import Service


async def bring(
    service: Service,
    reads: Mapping[str, Read],
    found: dict[str, Any],
    *,
    anew: bool,  # noqa: ARG001  # nothing of this is read otherwise
) -> dict[str, Any]:
    """The newest datapoint of each; nothing where AWS does not answer, or does not know us."""
    if found.get("failed"):
        return {}
    api = Api(service)
    try:
        points = await api.newest([_metric(read) for read in reads.values()])
    except Lost as lost:
        return {"failed": lost.failure, "asked": api.asked}
    return {"points": dict(zip(reads, points, strict=True)), "asked": api.asked}


def values(_service: Service, key: str, read: Read, reading: dict[str, Any]) -> dict[str, Any]:
    """The one value under no name: None where CloudWatch has no datapoint."""
    brought = reading["signals"]
    if "points" not in brought:
        raise Unmeasured((brought.get("failed") or {"reason": "it was not asked: AWS did not answer"})["reason"])
    return {"": datapoints.value(brought["points"][key], _metric(read))}


def cost(_service: Service, reads: Mapping[str, Read]) -> int:
    """One request for as many as CloudWatch takes."""
    return -(-len(reads) // datapoints.MOST)


def _metric(read: Read) -> Metric:
    wanted = cast("CloudWatchRead", read)
    dimensions = tuple(sorted(wanted.dimensions.items()))
    return Metric(wanted.namespace, wanted.metric, dimensions, wanted.statistic, wanted.seconds)
