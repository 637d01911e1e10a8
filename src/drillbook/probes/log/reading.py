"""Reads a log: whether it can be read, and where its lines end now, since when what is added is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.failure import classify, crashed, failure
from drillbook.probes.log.file import File
from drillbook.probes.log.source import Unreadable
from drillbook.probes.runner import aside, hurried

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.probes.log.source import Source
    from drillbook.probes.log.table import LogService
    from drillbook.system.target import Service


async def facts(service: Service) -> dict[str, Any]:
    """The place behind its last line, `mark`, or what `failed`."""
    return {"failed": None, "asked": 1} | await in_time(service, lambda: {"mark": source_of(service).mark().to_plain()})


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts but signals."""


def cost(_service: Service) -> int:
    """One look."""
    return 1


def source_of(service: Service) -> Source:
    """Where its lines come from; Unreadable where nobody reads it here."""
    source: Source | None = service.log or _file(cast("LogService", service.declared))
    if source is None:
        raise Unreadable("the log of a container is read by `pytest checks` alone")
    return source


def _file(declared: LogService) -> File | None:
    return File(declared.file) if declared.file else None


async def in_time(service: Service, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` finds in the file before the deadline, or what `failed`: a disk may hang, too."""
    try:
        return await hurried(aside(work), service.declared.seconds)
    except Unreadable as error:
        return {"failed": failure("unknown", str(error))}
    except Exception as error:
        failed = classify(error) or crashed(error)
        return {"failed": _of_the_engine(failed) if service.log and failed["kind"] == "down" else failed}


def _of_the_engine(failed: dict[str, Any]) -> dict[str, Any]:
    """An engine that does not answer says nothing of a container, or of what it wrote."""
    return failure(
        "unknown", f"the engine did not give it: {failed['reason']}: look with `docker logs`, raise deadline"
    )
