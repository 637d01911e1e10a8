"""What a service may be asked: rounds that would ask for more are refused before the first one, and the rest kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.probes.measure import cost
from drillbook.system.budgets import Budget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drillbook.system.target import Service, Target


def within_budget(targets: Sequence[Target], every: float) -> None:
    """Mistakes, with the smallest interval that fits, where a round every `every` seconds asks too much.

    What may be asked so often in all is asked until that is used up.
    """
    services = [
        (f"{target.name} " if len(targets) > 1 else "", service)
        for target in targets
        for service in target.services.values()
        if service.declared.budget
    ]
    smallest = max((_smallest(service) for _, service in services), default=0)
    if every < smallest:
        over = [(whose, one) for whose, one in services if _smallest(one) > every]
        names = ", ".join(f"{whose}{one.name} ({one.declared.budget})" for whose, one in over)
        raise Mistakes([f"--every {every:g}s asks more than the budget of {names} allows: use --every {smallest}s"])


def spare(service: Service, every: float) -> float:
    """How many more questions than a round asks anyway the service's budget has room for; without one any number.

    `every` are the seconds between two rounds, 0 for a run that is not repeated.
    """
    if not service.declared.budget:
        return math.inf
    budget = Budget.parse(service.declared.budget)
    share = min(1.0, every / budget.seconds) if every else 1.0
    return max(0, math.floor(budget.count * share) - cost(service))


def _smallest(service: Service) -> int:
    """The whole seconds that must lie between two rounds for the service's budget to hold."""
    budget = Budget.parse(service.declared.budget or "")
    return math.ceil(cost(service) * budget.seconds / budget.count) if budget.comes_back else 0
