"""What a service's own metrics say about its traffic over a run's interval: how much, how bad, how slow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from drillbook.judging.observation import Observation
from drillbook.probes.http.figures.document import Document
from drillbook.probes.http.figures.exposition import Exposition
from drillbook.probes.http.figures.one_process import hold_together
from drillbook.probes.http.figures.pages import Pages
from drillbook.probes.question import Unmeasured, percent

if TYPE_CHECKING:
    from drillbook.probes.http.figures.one_process import Counted
    from drillbook.probes.http.figures.table import Metrics
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service


class Figures(Protocol):
    """What a page says, in whatever form."""

    def requests(self) -> float:
        """How many users' requests there were in the interval."""

    def failed(self) -> float:
        """How many of them failed."""

    def p95(self) -> Observation:
        """The 95th percentile of their duration, in ms."""

    def gauge(self, name: str) -> float:
        """A gauge, as it was last read."""

    def counted(self, page: str) -> Counted:
        """What a reading of the page says about whose it is."""


@dataclass(frozen=True)
class Traffic:
    """The metrics of `service`, read twice."""

    service: Service
    declared: Metrics
    readings: Readings

    def rate(self) -> Observation:
        """Requests a second over the interval; none at all is a measurement, 0, where the counters count at all."""
        if requests := self._requests():
            return Observation(requests / self._pages.seconds, "requests/s")
        return Observation(0.0, "requests/s", self._pages.none, idle=True)

    def error_ratio(self) -> Observation:
        """Requests answered with a 5xx, in % of all in the interval."""
        requests = self._requests()
        self._pages.some(requests)
        failed = self._figures.failed()
        if failed > requests:
            raise Unmeasured(f"{failed:g} errors of {requests:g} requests: are these two counters of one kind?")
        return percent(failed, requests, "the number of requests")

    def p95(self) -> Observation:
        """The 95th percentile of the requests' duration over the interval, in ms."""
        self._pages.want("p95" if self.declared.format == "json" else "latency")
        if self.declared.requests:
            self._pages.some(self._requests())
        return self._figures.p95()

    def pool_used(self) -> Observation:
        """Connections in use of the service's own pool, in % of its size."""
        pool = self.declared.pool
        if pool is None:
            raise self._pages.undeclared("pool")
        used, size = (self._figures.gauge(name) for name in (pool.in_use, pool.size))
        return percent(used, size, f"the pool's size, {pool.size},")

    @cached_property
    def _pages(self) -> Pages:
        return Pages(self.service, self.declared, self.readings)

    @cached_property
    def _page(self) -> Figures:
        return (Document if self.declared.format == "json" else Exposition)(self._pages)

    @cached_property
    def _counted(self) -> tuple[Counted | None, list[Counted], list[Counted]]:
        """What was counted before the interval, at its beginning and at its end."""
        before = self._page.counted(self._pages.before) if self._pages.before else None
        first, second = ([self._page.counted(page) for page in pages] for pages in self._pages.read())
        return before, first, second

    @cached_property
    def _figures(self) -> Figures:
        """What the page says, once it is known that all of it is one process's."""
        before, first, second = self._counted
        rate = max(0.0, second[0].requests - first[0].requests) / self._pages.seconds
        several = bool(self.readings.second.get("several"))
        hold_together(before, first, second, rate=rate, apart=self._pages.apart, several=several)
        return self._page

    def _requests(self) -> float:
        """Users' requests in the interval, without our two readings of the page where these are counted as well."""
        self._pages.want("requests")
        requests = self._figures.requests()
        pairs = self._counted[1:]
        if all(len(pair) == 2 and pair[1].requests > pair[0].requests for pair in pairs):
            requests = max(0.0, requests - len(pairs[0]))
        if not requests:
            self._are_alive()
        return requests

    def _are_alive(self) -> None:
        """Unmeasured where requests of our own were served, and nothing has been counted since before them."""
        before, _, second = self._counted
        if before and self._pages.ours and before.requests == second[0].requests:
            raise Unmeasured(
                f"the counters are dead: {self._pages.ours} requests of our own were served, and nothing was counted "
                f"({self.declared.path}): are these the counters of what users ask, and does no cache answer for it?"
            )
