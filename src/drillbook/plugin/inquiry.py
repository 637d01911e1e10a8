"""An inquiry: one of the targets that a run asks, and what belongs to it alone. A run has one for each target.

Where there are several, each check runs once for each of them: an item says by a parameter which one it is for.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.plugin.causes import Causes
from drillbook.plugin.spoken import parameters
from drillbook.plugin.taking import Taking
from drillbook.probes.memory import Memory
from drillbook.probes.turns import Turns
from drillbook.system.budgets import Budget, comes_back
from drillbook.system.elsewhere import DRILL
from drillbook.system.library import Library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drillbook.probes.measure import Readings
    from drillbook.probes.spending import Spending
    from drillbook.system.target import Service, Target

ASKS = "drillbook_target"
INQUIRIES: pytest.StashKey[list[Inquiry]] = pytest.StashKey()


@dataclass
class Inquiry:
    """What is asked of `target`, in a run that asks `several` or this one alone.

    `run` is what all its processes call it, `memory` knows what other runs ask where a budget comes back. `readings`
    are those of its services, by name; `asked` counts the requests, commands or queries each was sent.
    """

    target: Target
    several: bool
    turns: Turns
    taking: Taking
    causes: Causes
    run: str = ""
    memory: Memory | None = None
    readings: dict[str, Readings] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def may_ask(self, service: Service, questions: int) -> bool:
        """Whether the service's budget has room for so many questions live, which are then taken from it."""
        of_all_rounds = self.taking.every and not comes_back(service.declared.budget)
        if not of_all_rounds:
            return self.taking.spend(service, questions)
        return self.spending.room(service) >= questions and self.spending.spend(service, questions)

    @property
    def spending(self) -> Spending:
        """What is spent of the budgets of its services."""
        return self.turns.spending


def inquire(
    config: pytest.Config, targets: Sequence[Target], *, every: float = 0.0, workers: int = 1, run: str = ""
) -> list[Inquiry]:
    """The inquiries of a run with a round every so many seconds, which so many processes share: all call it `run`."""
    run = run or secrets.token_hex(8)
    config.stash[INQUIRIES] = found = list[Inquiry]()
    for target in targets:
        memory = _memory(Library(config.rootpath), target, run)
        turns = Turns(every, growing=target.kind != DRILL, memory=memory)
        taking = Taking(target, every, workers, turns.spending)
        found.append(Inquiry(target, len(targets) > 1, turns, taking, Causes(target), run, memory))
    return found


def _memory(library: Library, target: Target, run: str) -> Memory | None:
    """What runs of the project remember of the target; None where no budget comes back, and of a run's own copy."""
    longest = max((budget.seconds for budget in _budgets(target) if budget.comes_back), default=0.0)
    if not longest or target.kind == DRILL:
        return None
    return Memory(library.asked_file(target.name), run, longest)


def _budgets(target: Target) -> Iterator[Budget]:
    """Every budget that the target's file states."""
    for service in target.services.values():
        endpoints = getattr(service.declared, "endpoints", {}).values()
        yield from (Budget.parse(one.budget) for one in (service.declared, *endpoints) if one.budget)


def is_for(item: pytest.Item, target: Target) -> bool:
    """Whether an item is about that target: the one that it runs for, or any where it says none."""
    return parameters(item).get(ASKS, target.name) == target.name


def inquiries_of(item: pytest.Item) -> list[Inquiry]:
    """Those of the targets that an item is about."""
    return [one for one in item.config.stash[INQUIRIES] if is_for(item, one.target)]


def inquiry_of(item: pytest.Item) -> Inquiry:
    """The one that an item runs for; Mistakes where it should run for each of several and cannot."""
    found = inquiries_of(item)
    if len(found) > 1:
        names = " and ".join(one.target.name for one in found)
        raise Mistakes(
            [f"this is no function that could run once for each of {names}: make it one, or run pytest once for each"]
        )
    return found[0]
