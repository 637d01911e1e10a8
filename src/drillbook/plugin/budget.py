"""What a service may be asked: rounds that would ask for more are refused before the first one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drillbook.mistakes import Mistakes
from drillbook.probes.measure import cost

if TYPE_CHECKING:
    from drillbook.target import Service, Target

SECONDS = {"s": 1, "min": 60, "h": 3600}


def within_budget(target: Target, every: float) -> None:
    """Mistakes, with the smallest interval that fits, where a round every `every` seconds asks too much."""
    services = [service for service in target.services.values() if service.declared.budget]
    smallest = max((_smallest(service) for service in services), default=0)
    if every < smallest:
        names = ", ".join(f"{one.name} ({one.declared.budget})" for one in services if _smallest(one) > every)
        raise Mistakes([f"--every {every:g}s asks more than the budget of {names} allows: use --every {smallest}s"])


def _smallest(service: Service) -> int:
    """The whole seconds that must lie between two rounds for the service's budget to hold."""
    count, _, per = (service.declared.budget or "").partition("/")
    return math.ceil(cost(service) * SECONDS[per] / int(count))
