"""Faults: what can be broken in a drill's own stack, each with a witness that proves it."""

from drillbook.faults.disk import disk_filled
from drillbook.faults.fault import Evidence, Fault
from drillbook.faults.network import cut_off
from drillbook.faults.process import killed, paused, stopped
from drillbook.faults.sessions import leaked_transactions

__all__ = ["Evidence", "Fault", "cut_off", "disk_filled", "killed", "leaked_transactions", "paused", "stopped"]
