"""Reads a folder: whether its files can be listed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.failure import classify, crashed, failure
from drillbook.probes.runner import aside, hurried

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.probes.failure import Failure
    from drillbook.probes.files.table import FilesService
    from drillbook.system.target import Service


async def facts(service: Service) -> dict[str, Any]:
    """What `failed`, if its names cannot be listed."""
    return {"failed": None, "asked": 1} | await in_time(service, lambda: _listed(folder_of(service)))


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts."""


def cost(_service: Service) -> int:
    """One look."""
    return 1


def folder_of(service: Service) -> str:
    """The folder that the file names."""
    return cast("FilesService", service.declared).folder


async def in_time(service: Service, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` finds before the deadline, or what `failed`: a disk may hang, too."""
    try:
        return await hurried(aside(work), service.declared.seconds)
    except Exception as error:
        return {"failed": _failure(error, folder_of(service))}


def _listed(folder: str) -> dict[str, Any]:
    with os.scandir(folder):
        return {}


def _failure(error: Exception, folder: str) -> Failure:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return failure("unknown", f"there is no folder {folder} on this machine: check folder, or run where it is")
    if isinstance(error, PermissionError):
        return failure("unknown", f"this user may not read {error.filename or folder}: add it to the group of the file")
    return classify(error) or crashed(error)
