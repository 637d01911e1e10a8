"""What a check of one's own asks live: as much as its service has a budget for, and counted by who runs the check."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from drillbook.probes.question import Unmeasured
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from drillbook.probes.failure import Failure
    from drillbook.system.target import Service

LIVE = "live"
Spend = Callable[[int], str]  # why so many questions may not be asked now; empty where they may, which then counts them


def freely(_questions: int) -> str:
    """Lets everything be asked, and counts nothing."""
    return ""


def spent(service: Service, spend: Spend, questions: int) -> None:
    """Goes on where so many questions may be asked of the service now."""
    told = turn_of(service).instead(LIVE)
    if why := told["error"]["reason"] if told else spend(questions):
        raise Unmeasured(why)


def answered(service: Service, failed: Failure | None) -> None:
    """Goes on where they were: not where they `failed`, and what hangs is left alone from then on."""
    turn_of(service).hear_of(LIVE, failed, asked="what a check asked")
    if failed:
        raise Unmeasured(failed["reason"])
