"""Figures from a page of Prometheus text, as their names in the system file say."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from drillbook.judging.observation import Observation
from drillbook.probes import metrics
from drillbook.probes.failure import said
from drillbook.probes.http.figures import histogram, summary
from drillbook.probes.http.figures.one_process import Counted
from drillbook.probes.http.figures.units import MILLISECONDS
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.probes.http.figures.pages import Pages

P95 = 0.95
FITS = 100  # so much smaller than the first bucket may be what is typical of it, if the bucket is to mean anything
_OF_PROCESS = ("process_start_time_seconds", "process_pid")
_ELSEWHERE = ("code", "status_code", "http_status", "http_status_code", "http_response_status_code", "status")


@dataclass(frozen=True)
class Exposition:
    """What Prometheus text says."""

    pages: Pages

    def requests(self) -> float:
        """How many users' requests there were in the interval."""
        return sum(self._requests.values())

    def failed(self) -> float:
        """How many of them were answered with a 5xx."""
        return sum(grown for labels, grown in self._requests.items() if grown and self._status(labels)[0] == "5")

    def p95(self) -> Observation:
        """The 95th percentile of their duration, in ms."""
        name = self.pages.want("latency")
        if summary.is_summary(self._second, name):
            grown = metrics.increase(self._first, self._second, f"{name}_count", ignore=self._ignore)
            self.pages.some(sum(grown.values()))
            across = self.pages.declared.across
            return Observation(
                summary.quantile(self._second, name, P95, self._ignore, across) * self._scale(name), "ms"
            )
        return self._of_histogram(name)

    def gauge(self, name: str) -> float:
        """A gauge, as it was last read."""
        return metrics.gauge(self._second, name)

    def counted(self, page: str) -> Counted:
        """What a reading of the page says about whose it is; only the lines that matter are read."""
        names = [one for one in (self.pages.declared.requests, self.pages.declared.latency) if one]
        starts = (*(name.removesuffix("_total") for name in names), "process_")
        lines = [line for line in page.split("\n") if line.startswith(starts)]
        found = metrics.parse("\n".join([*lines, ""]) if lines else page).series
        counters = {
            (name, labels): value
            for name, series in found.items()
            for labels, value in series.items()
            if name.endswith(("_total", "_count")) or name in names
            if "quantile" not in dict(labels)
        }
        requests = (self.pages.declared.requests or "").removesuffix("_total")
        users = [
            metrics.kept(series, self._ignore)
            for name, series in found.items()
            if name.removesuffix("_total") == requests
        ]
        return Counted(counters, sum(sum(series.values()) for series in users), _process(found))

    @property
    def _ignore(self) -> metrics.Ignore:
        return self.pages.declared.ignore

    @cached_property
    def _first(self) -> metrics.Samples:
        return metrics.parse(self.pages.first)

    @cached_property
    def _second(self) -> metrics.Samples:
        return metrics.parse(self.pages.second)

    @cached_property
    def _requests(self) -> metrics.Series:
        return metrics.increase(self._first, self._second, self.pages.want("requests"), ignore=self._ignore)

    def _status(self, labels: metrics.Labels) -> str:
        """The status code that a series of requests is labelled with: `503`, or its class, `5xx`."""
        name, label = self.pages.want("requests"), self.pages.declared.status
        there = [one for one in _ELSEWHERE if one in dict(labels)]
        if label not in dict(labels) and there:
            raise Unmeasured(f'{name} has no label {label!r}: write metrics.status = "{there[0]}"')
        code = metrics.label_of(labels, label, name)
        if not re.fullmatch(r"[0-9]{3}|[1-5]xx", code, re.IGNORECASE):
            raise Unmeasured(
                f"{name} has {label}={said(repr(code)):.60}, which is no status code: which are errors cannot be told; "
                f"metrics.status names the label that holds the code"
            )
        return code

    def _scale(self, name: str) -> float:
        return MILLISECONDS[self.pages.declared.unit_of(name)]

    def _of_histogram(self, name: str) -> Observation:
        counted = histogram.buckets(self._first, self._second, name, ignore=self._ignore)
        self.pages.some(counted[-1][1])
        found, beyond = histogram.quantile(P95, counted)
        in_ms, unit = self._scale(name), self.pages.declared.unit_of(name)
        if beyond:  # more than the bound: a limit of "> 500" trips where the last bucket ends at 500
            highest = f"beyond the histogram's last bucket, {found:g} {unit}"
            return Observation(math.nextafter(found * in_ms, math.inf), "ms", reason=highest, at_least=True)
        bound, inside = counted[0]
        if found > bound:
            return Observation(found * in_ms, "ms")
        if inside == counted[-1][1] and not self._fits(name, bound, inside):
            raise Unmeasured(
                f"all of it is in the first bucket, 0 to {bound:g} {unit}: how long requests take cannot be told; give "
                f"{name} finer buckets, or say in metrics.unit what it counts in"
            )
        return Observation(
            bound * in_ms, "ms", reason=f"it is in the first bucket, 0 to {bound:g} {unit}", at_most=True
        )

    def _fits(self, name: str, bound: float, count: float) -> bool:
        """Whether a bucket that holds everything may have been made for this: the file says so, or the mean does."""
        if self.pages.declared.unit:
            return True
        try:
            total = metrics.increase(self._first, self._second, f"{name}_sum", ignore=self._ignore)
        except Unmeasured:
            return False
        return sum(total.values()) / count * FITS >= bound


def _process(found: Mapping[str, metrics.Series]) -> dict[object, float]:
    """What tells one process from another: when it began, and when it began to count each thing."""
    return {
        (name, labels): value
        for name, series in found.items()
        for labels, value in series.items()
        if (name in _OF_PROCESS or name.endswith("_created")) and math.isfinite(value)
    }
