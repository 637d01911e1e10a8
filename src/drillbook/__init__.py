"""Drillbook proves that a system can be operated.

What drills are written with is here, in `drillbook.faults` and in `drillbook.fixes`; what load profiles are written
with is here and in `drillbook.arrivals`.
"""

from drillbook.drills.drill import Drill
from drillbook.load.profile import LoadProfile, Ramp

__all__ = ["Drill", "LoadProfile", "Ramp"]
