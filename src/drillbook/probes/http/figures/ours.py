"""Figures of our own requests, where nobody else makes any: the declared endpoints, as a client sees them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from drillbook.judging.observation import Observation
from drillbook.probes.http import answers
from drillbook.probes.question import Unmeasured, percent, untold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drillbook.probes.http.table import HttpService
    from drillbook.system.target import Service

WANTED = 20  # requests: of fewer the 95th percentile is the slowest one
REFUSED = 429
_P95 = 0.95


@dataclass(frozen=True)
class Ours:
    """Our own requests to `service`; each visit has the name of its endpoint, and the page."""

    service: Service
    visits: Sequence[dict[str, Any]]

    def rate(self) -> Observation:
        """Nothing: that we ask says nothing about whether others do."""
        raise Unmeasured(f'nobody but us asks {self.service.name} here: traffic = "ours"', applies=False)

    def error_ratio(self) -> Observation:
        """Our requests that were answered with a 5xx or not at all, in % of all."""
        self._are_enough(self.visits, "made")
        failed = [one for one in self.visits if one["error"] or one["status"] >= 500]
        return self._of_ours(percent(len(failed), len(self.visits), "the number of our own requests"))

    def p95(self) -> Observation:
        """The 95th percentile of those that were served as declared, connection included, in ms."""
        served = [one for one in self.visits if not one["error"] and self._is_expected(one)]
        self._are_enough(served, "served")
        took = _percentile([one["took"] for one in served])
        late = took - _percentile([one["took"] - one["late"] for one in served])
        return self._of_ours(Observation(took * 1000, "ms", late=late * 1000))

    @property
    def _declared(self) -> HttpService:
        return cast("HttpService", self.service.declared)

    def _of_ours(self, found: Observation) -> Observation:
        return Observation(found.value, found.unit, reason=f"of our own {len(self.visits)} requests", late=found.late)

    def _is_expected(self, visit: dict[str, Any]) -> bool:
        return self._declared.endpoints[visit["endpoint"]].expects(visit["status"])

    def _are_enough(self, visits: Sequence[dict[str, Any]], what: str) -> None:
        """Unmeasured where these are too few, or where some say nothing about the service."""
        if not visited(self._declared):
            raise Unmeasured(
                f"system.toml declares no endpoints for {self.service.name} that our own requests could ask "
                "(one with a budget of its own is not among them)",
                applies=self._declared.metrics is not None,
            )
        for visit in self.visits:
            self._says_something(visit)
        if len(visits) < WANTED:
            raise Unmeasured(self._too_few(len(visits), what))

    def _says_something(self, visit: dict[str, Any]) -> None:
        endpoint = self._declared.endpoints[visit["endpoint"]]
        path = endpoint.path
        if visit["error"] and (visit.get("unasked") or visit["error"]["kind"] != "down"):
            raise untold({**visit["error"], "reason": f"{path}: {visit['error']['reason']}"})
        if not visit["error"] and str(visit["status"]) in endpoint.expect:
            return  # 401 or 429 is right where it is declared itself; "4xx" says nothing of who is refused
        if refused := answers.login_refused(self.service, visit["status"], path):
            raise Unmeasured(refused)
        if visit["status"] == REFUSED:
            raise Unmeasured(f"{path} answered 429, we ask too often: set services.{self.service.name}.budget")

    def _too_few(self, count: int, what: str) -> str:
        if not self.visits and self._declared.budget:
            return (
                f"the budget of {self.service.name}, {self._declared.budget}, has no room for the {WANTED} requests of "
                f'our own that errors and times would be of: raise it, or leave out traffic = "ours"'
            )
        return f"only {count} of {WANTED} requests of our own were {what}"


def visited(declared: HttpService) -> list[str]:
    """The endpoints that we visit: not those that may be asked less than the service itself."""
    return [name for name, endpoint in declared.endpoints.items() if not endpoint.budget]


def _percentile(times: Sequence[float]) -> float:
    return sorted(times)[math.ceil(_P95 * len(times)) - 1]
