"""Somebody else's service that speaks HTTP, of role `upstream`: what its failure means is said once, by one limit."""

from __future__ import annotations

from drillbook.system.kinds import Kind

KIND = Kind(
    __name__,
    noun="upstream",
    about="Each service that speaks HTTP and is somebody else's (role `upstream`).",
    table="UpstreamService",
    answers="Upstream",
    up="upstream.up",
    limits=("upstream",),
    warm=(),  # no copy starts it
    asks={"upstream.up": "well"},
    reads="PageRead",
)
