"""Signals from files: of those whose names fit, how old the newest is, how large, or how many there are."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.files.reading import folder_of, in_time
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.probes.files.table import FileRead
    from drillbook.system.reads import Read
    from drillbook.system.target import Service

    Found = dict[str, Any]


async def bring(
    service: Service,
    reads: Mapping[str, Read],
    found: Found,
    *,
    anew: bool,  # noqa: ARG001  # nothing is read at both ends of an interval
) -> Found:
    """Of each read how many files there are, when the newest was written, and its size."""
    if found.get("failed"):
        return {}
    folder, wanted = Path(folder_of(service)), {key: cast("FileRead", one).newest for key, one in reads.items()}
    return await in_time(service, lambda: {"files": {key: _newest(folder, one) for key, one in wanted.items()}})


def values(service: Service, key: str, _read: Read, reading: Found) -> Found:
    """The one number under no name, by what the signal wants; None where no file fits."""
    brought, how = reading["signals"], service.signals[key.removesuffix(" of")].table.as_
    if "files" not in brought:
        raise Unmeasured((brought.get("failed") or {"reason": "it was not read"})["reason"])
    found = brought["files"][key]
    if how == "count":
        return {"": [True] * found["count"]}
    return {"": found["written" if how == "age" else "size"]}


def cost(_service: Service, _reads: Mapping[str, Read]) -> int:
    """One look for all of them."""
    return 1


def _newest(folder: Path, pattern: str) -> Found:
    every = list(_files(folder, pattern))
    written, size = max(every, default=(None, None))
    return {"count": len(every), "written": written, "size": size}


def _files(folder: Path, pattern: str) -> Iterator[tuple[float, int]]:
    """When each plain file was last written, and its size; PermissionError where not all folders can be listed."""
    steps = PurePath(pattern).parts
    for depth in range(1, len(steps)):
        for way in folder.glob("/".join(steps[:depth])):
            if way.is_dir():
                os.scandir(way).close()  # a glob passes over what it may not read
    for one in folder.glob(pattern):
        with suppress(FileNotFoundError):  # it has just been removed, or is a link to nowhere
            about = one.stat()
            if stat.S_ISREG(about.st_mode):
                yield about.st_mtime, about.st_size
