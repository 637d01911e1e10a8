"""Figures that a Prometheus server has worked out: each is one PromQL query, whose answer is held to what it says."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drillbook.judging.observation import Observation
from drillbook.probes.failure import said
from drillbook.probes.http.figures.pages import NOBODY_VISITS
from drillbook.probes.http.figures.units import MILLISECONDS
from drillbook.probes.prometheus import answer
from drillbook.probes.question import Unmeasured, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.probes.http.figures.table import Metrics
    from drillbook.probes.prometheus.answer import Sample
    from drillbook.system.target import Service

STALE = 120.0  # seconds after which a scrape is no news: Prometheus itself would show its samples for five minutes
UP, SCRAPED = "up", "scraped"


def queries(declared: Metrics) -> dict[str, str]:
    """What the server is asked, by the key of the system file that says it."""
    asked = {key: getattr(declared, key) for key in (UP, "rate", "errors", "p95")}
    asked |= {"pool.in_use": declared.pool.in_use, "pool.size": declared.pool.size} if declared.pool else {}
    return {key: query for key, query in asked.items() if query} | {SCRAPED: f"timestamp({declared.up})"}


@dataclass(frozen=True)
class Queried:
    """What the Prometheus that knows `service` has answered, by key."""

    service: Service
    declared: Metrics
    pages: Mapping[str, dict[str, Any]]

    def rate(self) -> Observation:
        """Requests a second, as the query says."""
        found = self._observed("rate", "requests/s")
        return found if found.value else replace(found, reason=f"metrics.rate gives 0: {NOBODY_VISITS}", idle=True)

    def error_ratio(self) -> Observation:
        """Requests that failed, in %, as the query says."""
        found = self._observed("errors", "%")
        if isinstance(found.value, float) and found.value > 100:
            raise Unmeasured(f"metrics.errors gives {found.value:g}, which is more than 100 %")
        return found

    def p95(self) -> Observation:
        """The 95th percentile of the requests' duration, in ms."""
        return self._observed("p95", "ms", scale=MILLISECONDS[self.declared.unit_of("")])

    def pool_used(self) -> Observation:
        """Connections in use of the service's own pool, in % of its size."""
        if not self.declared.pool:
            raise self._undeclared("pool")
        used, size = (self._observed(f"pool.{key}", "").value for key in ("in_use", "size"))
        return percent(float(used or 0.0), float(size or 0.0), "metrics.pool.size")

    def _observed(self, key: str, unit: str, *, scale: float = 1.0) -> Observation:
        if key not in queries(self.declared):
            raise self._undeclared(key)
        self._is_scraped()
        page = self.pages[key]
        return Observation(self._value(key) * scale, unit, by=f"{self._server.name} {page['by']}", took=page["took"])

    def _is_scraped(self) -> None:
        """Unmeasured where the server does not reach the service, or has not for some time."""
        states, scraped = self._samples(UP), self._samples(SCRAPED)
        if not any(one.value == 1 for one in states):
            raise Unmeasured(
                f"{self._server.name} does not reach it: {said(self.declared.up)} is 0: look at its targets"
            )
        age = max(one.at for one in scraped) - max(one.value for one in scraped)
        if not age <= STALE:
            raise Unmeasured(f"{self._server.name} has scraped it {age:.0f} s ago: its figures are stale")

    def _value(self, key: str) -> float:
        found = self._samples(key)
        if len(found) > 1:
            raise Unmeasured(f"metrics.{key} gives {len(found)} series: make one of them, with sum(…) or max(…)")
        value = found[0].value
        if math.isnan(value):
            raise Unmeasured(f"metrics.{key} gives NaN: nothing was counted in the time that it is over", idle=True)
        return number(value, f"metrics.{key}")

    def _samples(self, key: str) -> list[Sample]:
        """Each series of the answer, of which there must be one."""
        found = answer.samples(self._server, self.pages[key], f"metrics.{key}")
        if not found:
            raise Unmeasured(
                f"metrics.{key} gives nothing: no series matches {said(self._query(key))}; "
                "where there may be none yet, add `or vector(0)`"
            )
        return found

    def _query(self, key: str) -> str:
        return queries(self.declared)[key]

    def _undeclared(self, key: str) -> Unmeasured:
        return Unmeasured(f"system.toml declares no metrics.{key} for {self.service.name}", applies=False)

    @property
    def _server(self) -> Service:
        if self.service.server is None:
            raise Unmeasured("system.toml does not say which Prometheus is to be asked: metrics.server")
        return self.service.server
