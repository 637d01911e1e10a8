"""Reads somebody else's service: its pages, as those of one's own are read."""

from __future__ import annotations

from drillbook.probes.http.reading import anew, cost, counters, facts

__all__ = ["anew", "cost", "counters", "facts"]
