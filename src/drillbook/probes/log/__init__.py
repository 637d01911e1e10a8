"""A log, a file on the machine of the run or a container's of a copy, for signals that are read from its lines."""

from __future__ import annotations

from drillbook.system.kinds import Kind

KIND = Kind(
    __name__,
    noun="log",
    about="Each log: a file on the machine of the run, or that of a container of a copy.",
    table="LogService",
    answers="Log",
    address="",
    up="log.readable",
    limits=("log",),
    warm=(),  # a file is no copy's own, and a container's log needs no time
    asks={"log.readable": "answers"},
    reads="LineRead",
)
