"""Signals from somebody else's service: what is left of a quota, say, read as from one of one's own."""

from __future__ import annotations

from drillbook.probes.http.signals import bring, cost, hold_together, values

__all__ = ["bring", "cost", "hold_together", "values"]
