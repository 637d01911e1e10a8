"""What a service's own metrics say about its traffic over a run's interval: how much, how bad, how slow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from drillbook.observation import Observation
from drillbook.probes import jsonpath, metrics
from drillbook.probes.question import Unmeasured, number, percent

if TYPE_CHECKING:
    from drillbook.probes.measure import Readings
    from drillbook.system import Metrics

_P95 = 0.95


@dataclass(frozen=True)
class Traffic:
    """The metrics of the service called `name`, read twice."""

    name: str
    declared: Metrics
    readings: Readings

    def rate(self) -> Observation:
        """Requests a second over the interval; none at all is a measurement, 0."""
        return Observation(sum(self._requests().values()) / self._seconds(), "requests/s")

    def error_ratio(self) -> Observation:
        """Requests answered with a 5xx, in % of all in the interval."""
        grown = self._requests()
        self._some(sum(grown.values()))
        return percent(self._failed(grown), sum(grown.values()), "the number of requests")

    def p95(self) -> Observation:
        """The 95th percentile of the requests' duration over the interval, in ms, from the service's histogram."""
        if self._json:
            return Observation(self._number(self._want("p95")), "ms")
        name = self._want("latency")
        counted = metrics.buckets(self._first, self._second, name, ignore=self.declared.ignore)
        self._some(counted[-1][1])
        seconds, beyond = metrics.quantile(_P95, counted)
        if beyond:  # more than the bound: a limit of "> 500" trips where the last bucket ends at 500
            highest = f"beyond the histogram's last bucket, {seconds:g} s"
            return Observation(math.nextafter(seconds * 1000, math.inf), "ms", reason=highest, at_least=True)
        return Observation(seconds * 1000, "ms")

    def pool_used(self) -> Observation:
        """Connections in use of the service's own pool, in % of its size."""
        pool = self.declared.pool
        if pool is None:
            raise self._undeclared("pool")
        used, size = (self._number(name) for name in (pool.in_use, pool.size))
        return percent(used, size, f"the pool's size, {pool.size},")

    @property
    def _json(self) -> bool:
        return self.declared.format == "json"

    @cached_property
    def _first(self) -> metrics.Samples:
        return metrics.parse(self._body(self.readings.first))

    @cached_property
    def _second(self) -> metrics.Samples:
        return metrics.parse(self._body(self.readings.second))

    @cached_property
    def _documents(self) -> tuple[Any, Any]:
        first, second = (jsonpath.parse(self._body(one)) for one in (self.readings.first, self.readings.second))
        return first, second

    def _requests(self) -> metrics.Series:
        name = self._want("requests")
        if not self._json:
            return metrics.increase(self._first, self._second, name, ignore=self.declared.ignore)
        return {frozenset(): self._grown(name)}

    def _failed(self, grown: metrics.Series) -> float:
        if self._json:
            return self._grown(self._want("errors"))
        name, status = self._want("requests"), self.declared.status
        return sum(value for labels, value in grown.items() if metrics.label_of(labels, status, name).startswith("5"))

    def _grown(self, path: str) -> float:
        then, now = (number(jsonpath.find(one, path), path) for one in self._documents)
        if now < then:
            raise Unmeasured(f"the counter {path} was reset between two readings: was {self.name} restarted?")
        return now - then

    def _number(self, name: str) -> float:
        """A gauge, as it was last read."""
        if self._json:
            return number(jsonpath.find(self._documents[1], name), name)
        return metrics.gauge(self._second, name)

    def _want(self, key: str) -> str:
        name = getattr(self.declared, key)
        if not name:
            raise self._undeclared(key)
        return str(name)

    def _undeclared(self, key: str) -> Unmeasured:
        return Unmeasured(f"system.toml declares no metrics.{key} for {self.name}", applies=False)

    def _body(self, reading: dict[str, Any]) -> str:
        page, path = reading.get("metrics"), self.declared.path
        if page is None:
            lost = reading.get("lost") or reading.get("error") or {"reason": "they were not read"}
            raise Unmeasured(f"{path}: {lost['reason']}")
        if page["error"]:
            raise Unmeasured(f"{path}: {page['error']['reason']}")
        if page["status"] != 200:
            raise Unmeasured(f"{path} answered {page['status']}: are the metrics of {self.name} elsewhere?")
        return str(page["body"])

    def _seconds(self) -> float:
        if self.readings.seconds <= 0:
            raise Unmeasured("the counters were read only once")
        return self.readings.seconds

    def _some(self, count: float) -> None:
        if count <= 0:
            raise Unmeasured(f"no traffic in {self._seconds():.1f} s")
