"""Nothing is left: a process beside the run removes all that carries its label, in whatever way the run ends."""

from drillbook.supervisor.arming import arm
from drillbook.supervisor.children import child
from drillbook.supervisor.handle import Supervisor
from drillbook.supervisor.owner import LABEL, OWNER_LABEL
from drillbook.supervisor.removal import Removal, remove_labelled
from drillbook.supervisor.stopping import orderly_stop
from drillbook.supervisor.sweeping import sweep

__all__ = [
    "LABEL",
    "OWNER_LABEL",
    "Removal",
    "Supervisor",
    "arm",
    "child",
    "orderly_stop",
    "remove_labelled",
    "sweep",
]
