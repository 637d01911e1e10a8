"""A Loki: is it there, and what does LogQL make of its lines?"""

from __future__ import annotations

from drillbook.system.kinds import Kind

KIND = Kind(
    __name__,
    noun="loki",
    about="Each Loki.",
    table="LokiService",
    answers="Loki",
    up="loki.up",
    limits=("loki",),
    asks={"loki.up": "answers"},
    reads="LogqlRead",
)
