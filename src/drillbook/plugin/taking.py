"""Takes an observation again where our own doing may be why it is bad: at most five times, within budgets."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drillbook.plugin.budget import spare
from drillbook.probes.spending import Spending

if TYPE_CHECKING:
    from drillbook.judging.limit import Limit
    from drillbook.judging.observation import Observation
    from drillbook.judging.verdict import Verdict
    from drillbook.system.target import Service, Target

MOST = 5
DEADLINES = 2  # as long as so many, all that is taken again of a service in one round may last


@dataclass
class Taking:
    """Judges, in a run on `target` with a round every `every` seconds (0 for one that is not repeated).

    `workers` is how many processes share what the services may be asked, `spending` what the run has spent of it.
    """

    target: Target
    every: float = 0.0
    workers: int = 1
    spending: Spending = field(default_factory=Spending)
    _questions: dict[str, float] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)

    def begin_round(self) -> None:
        """What was taken again before counts no more."""
        self._questions.clear()
        self._seconds.clear()

    def spend(self, service: Service, questions: int) -> bool:
        """Whether the service may be asked so much more in this round, which is then taken from what is left."""
        left = self._questions.setdefault(service.name, spare(service, self.every) / self.workers)
        may = left >= questions and self.spending.spend(service, questions)
        self._questions[service.name] -= questions if may else 0
        return may

    def judge(self, limit: Limit, observation: Observation) -> Verdict:
        """The verdict on the first take that can be told; where none can, on the one that says most."""
        takes = [observation]
        while limit.in_doubt(takes[-1]) and len(takes) <= MOST:
            if (fresh := self._again(takes[-1])) is None:
                break
            takes.append(fresh)
        if len(takes) == 1:
            return limit.judge(observation)
        doubtful = limit.in_doubt(takes[-1])
        verdict = limit.judge(min(takes, key=_ours) if doubtful else takes[-1])
        reason = ", ".join(filter(None, (verdict.reason, f"taken {len(takes)} times")))
        return replace(verdict, reason=reason, takes=tuple((one.value, one.late) for one in takes))

    def _again(self, observation: Observation) -> Observation | None:
        """The observation made anew; None where it cannot be, or its service may not be asked any more."""
        service = self.target.services.get(observation.service)
        if not observation.again or not service:
            return None
        if self._seconds.get(service.name, 0.0) > DEADLINES * service.declared.seconds or not self.spend(service, 1):
            return None
        began = time.monotonic()
        fresh = observation.again()
        took = time.monotonic() - began
        self._seconds[service.name] = self._seconds.get(service.name, 0.0) + took
        if took >= service.declared.seconds:  # it hangs, and what hangs is asked nothing more
            self._seconds[service.name] = math.inf
        return replace(fresh, of=observation.of, service=observation.service)


def _ours(observation: Observation) -> float:
    """How much of an observation may be our own doing."""
    return observation.late + observation.beside
