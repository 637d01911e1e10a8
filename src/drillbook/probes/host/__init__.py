"""A machine, seen through its node_exporter."""

from __future__ import annotations

from drillbook.system.kinds import Kind, Part

KIND = Kind(
    __name__,
    noun="host",
    about="Each machine, seen through its node_exporter.",
    table="HostService",
    answers="Host",
    up="host.up",
    limits=("host",),
    parts=(Part("mounts", ("host.disk_free", "host.inodes_free"), each="mount"),),
    checked={
        "host.up": "answers",
        "host.disk_free": "disk_free",
        "host.inodes_free": "inodes_free",
        "host.memory": "memory_used",
    },
    reads="MetricRead",
)
