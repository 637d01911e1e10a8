"""Taking a step that is to mend, and whether it does: what a fault's witness still sees once it has had time to act."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.polling import until
from drillbook.common.progress import under_way
from drillbook.drills.failed import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.common.progress import Say
    from drillbook.faults.fault import Evidence
    from drillbook.fixes import Fix
    from drillbook.stack.handle import Running

SECONDS = 3.0
LOOKS = 10  # so that a machine which is slow gives a fix more time


def lingering(look: Callable[[], Evidence]) -> str:
    """What `look` still sees after a fix that has been taken: the fault, in its words, or nothing once it is gone.

    A fix acts before it returns, and what it ends may need a moment to be gone. What is there longer than `SECONDS`
    and for `LOOKS` looks, the fix did not touch.
    """
    seen: list[Evidence] = []
    began = time.monotonic()

    def enough() -> bool:
        seen.append(look())
        return not seen[-1].there or (len(seen) >= LOOKS and time.monotonic() - began > SECONDS)

    until(enough, within=float("inf"))
    return seen[-1].words if seen[-1].there else ""


def take(step: Fix, running: Running, phase: str, say: Say) -> str:
    """Takes a step and says what came of it; Failed, in the phase it belongs to, where it cannot be taken."""
    try:
        with under_way(f"taking the step: {step.words}", say=say):
            return step.apply(running)
    except Refused:
        raise
    except Mistakes as mistakes:
        raise Failed(phase, f"{step.words}: {mistakes}") from None
