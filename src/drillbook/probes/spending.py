"""What a run has spent of the budgets of services and of their endpoints, and what is left of them.

Where a budget comes back, what other runs of the project ask counts too: what is to be asked is taken from it first,
and what was not asked in the end is given back.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from drillbook.probes.memory import Grant
from drillbook.system.budgets import Budget, used_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.probes.http.pages import Endpoint
    from drillbook.probes.http.table import HttpService
    from drillbook.probes.memory import Key, Memory
    from drillbook.system.target import Service

_WHOLE = ""  # in place of a page's name: the service
_ENDPOINT = "endpoint "


@dataclass(frozen=True)
class Share:
    """How often a page may be asked this time, and `why` it may not; `for_now` where that is as it should be."""

    count: int
    why: str = ""
    for_now: bool = False


class Spending:
    """What a run with a round every `every` seconds (0 for a single one) spends; `memory` knows what others do."""

    def __init__(self, every: float = 0.0, memory: Memory | None = None) -> None:
        self._every, self._memory = every, memory
        self._asked: dict[Key, list[float]] = defaultdict(list)
        self._taken: dict[Key, tuple[Budget, int]] = {}  # from what all runs share, and not asked so far
        self._granted: dict[Key, Grant] = {}

    def count(self, service: Service, questions: int, page: str = _WHOLE) -> None:
        """Takes note of so many questions; of one that was not taken before, so that other runs know."""
        key = (service.name, page)
        self._asked[key] += [time.monotonic()] * questions
        budget = _budget(service, page)
        if not questions or not budget or not budget.comes_back or not self._memory:
            return
        left = self._taken.pop(key, (budget, 0))[1] - questions
        if left < 0:
            self._memory.correct(key, budget, -left)
        else:
            self._taken[key] = budget, left

    def settle(self, service: Service, *, whole: bool = True) -> None:
        """Gives back what was taken and not asked; nothing where a reading is not `whole`, and may have asked it."""
        for key in [key for key in self._taken if key[0] == service.name]:
            budget, left = self._taken.pop(key)
            if self._memory and left and whole:
                self._memory.correct(key, budget, -left)

    def room(self, service: Service) -> int:
        """How many more questions fit into the budget of a service that has one."""
        budget = Budget.parse(service.declared.budget or "")
        return budget.room(self._asked[service.name, _WHOLE], time.monotonic())

    def spend(self, service: Service, questions: int) -> bool:
        """Whether other runs leave room for so many questions, which then count as asked."""
        may = self._take(service, _WHOLE, questions) == questions
        self.count(service, questions if may else 0)
        return may

    def refusal(self, service: Service, cost: Callable[[], int]) -> str:
        """Why a service is not asked at all; empty where a whole round of it fits into its budget, and is taken."""
        budget = _budget(service, _WHOLE)
        if not budget:
            return ""
        asked, wanted = len(self._asked[service.name, _WHOLE]), cost()
        once = f"reading it once asks {wanted}"
        fits_always = self._every and budget.comes_back  # such rounds were found to fit before the first one
        if not fits_always and asked + wanted > budget.count:
            return self.why_not(service, f"{asked} are asked, and {once}" if asked else once)
        return "" if self._take(service, _WHOLE, wanted) == wanted else self.why_not(service, once)

    def why_not(self, service: Service, why: str) -> str:
        """In a line: the service's budget has no room, for a reason that can be told, and for what others asked."""
        grant = self._granted.get((service.name, _WHOLE), Grant(0))
        key, text = f"services.{service.name}.budget", str(service.declared.budget)
        return used_up(key, text, why, others=grant.others, again=grant.again)

    def endpoints(self, service: Service) -> dict[str, Share]:
        """The pages that have a budget of their own, by name: what is taken from it for this time."""
        declared = getattr(service.declared, "endpoints", {}).items()
        return {f"{_ENDPOINT}{name}": self._share(service, name, one) for name, one in declared if one.budget}

    def _share(self, service: Service, name: str, endpoint: Endpoint) -> Share:
        page, now = f"{_ENDPOINT}{name}", time.monotonic()
        key, text = f"services.{service.name}.endpoints.{name}.budget", str(endpoint.budget)
        budget, asked = Budget.parse(text), self._asked[service.name, page]
        if (room := budget.room(asked, now)) <= 0:
            why = used_up(key, text, f"asked {now - asked[-1]:.0f} s ago")
            return Share(0, why, for_now=budget.comes_back)
        samples = cast("HttpService", service.declared).samples_of(endpoint)
        granted = self._take(service, page, min(room, samples), least=1)
        if not granted:
            grant = self._granted[service.name, page]
            why = used_up(key, text, "", others=grant.others, again=grant.again)
            return Share(0, why, for_now=bool(asked) and now - asked[-1] < budget.seconds)
        return Share(granted)

    def _take(self, service: Service, page: str, wanted: int, *, least: int = 0) -> int:
        """Takes as many of the `wanted` questions as other runs leave room for, or 0 where not the `least`, or all."""
        key, budget = (service.name, page), _budget(service, page)
        if not self._memory or not budget or not budget.comes_back:
            return wanted
        grant = self._granted[key] = self._memory.grant(key, budget, wanted, least=least or wanted)
        self._taken[key] = budget, self._taken.get(key, (budget, 0))[1] + grant.count
        return grant.count


def _budget(service: Service, page: str) -> Budget | None:
    """The budget of a service, or of a page of its; None where it has none."""
    endpoints = getattr(service.declared, "endpoints", {})
    asked = endpoints.get(page.removeprefix(_ENDPOINT)) if page.startswith(_ENDPOINT) else None
    text = service.declared.budget if page == _WHOLE else asked and asked.budget
    return Budget.parse(text) if text else None
