"""Drillbook proves that a system can be operated.

What drills are written with is here, in `drillbook.faults` and in `drillbook.fixes`.
"""

from drillbook.drill import Drill

__all__ = ["Drill"]
