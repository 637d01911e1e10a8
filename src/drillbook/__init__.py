"""Drillbook proves that a system can be operated.

What drills are written with is here, in `drillbook.faults` and in `drillbook.fixes`; what load profiles are written
with is here and in `drillbook.arrivals`.
"""

from drillbook.drill import Drill
from drillbook.profile import LoadProfile, Ramp

__all__ = ["Drill", "LoadProfile", "Ramp"]
