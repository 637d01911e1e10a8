"""Files in a folder of the machine of the run, for signals: how old the newest is, how large, how many there are."""

from __future__ import annotations

from drillbook.system.kinds import Kind

KIND = Kind(
    __name__,
    noun="files",
    about="Each folder of files on the machine of the run.",
    table="FilesService",
    answers="Files",
    address="",
    up="files.readable",
    limits=("files",),
    warm=(),  # no copy makes it
    asks={"files.readable": "answers"},
    reads="FileRead",
)
