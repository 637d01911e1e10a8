"""Figures from a page of JSON, at the paths that the system file names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from drillbook.judging.observation import Observation
from drillbook.probes import jsonpath
from drillbook.probes.http.figures.one_process import Counted
from drillbook.probes.http.figures.units import MILLISECONDS
from drillbook.probes.question import Unmeasured, number

if TYPE_CHECKING:
    from drillbook.probes.http.figures.pages import Pages

_IN_A_LIST = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Document:
    """What a JSON page says."""

    pages: Pages

    def requests(self) -> float:
        """How many requests there were in the interval."""
        return self._grown("requests")

    def failed(self) -> float:
        """How many of them failed."""
        return self._grown("errors")

    def p95(self) -> Observation:
        """The 95th percentile of their duration, in ms, as the page was last read."""
        path = self.pages.want("p95")
        values = _numbers(self._second, path)
        if len(values) > 1 and self.pages.declared.across != "worst":
            raise Unmeasured(
                f"{path} is there {len(values)} times, and percentiles cannot be averaged: name one of them, or take "
                'the worst with metrics.across = "worst"'
            )
        return Observation(max(values.values()) * MILLISECONDS[self.pages.declared.unit_of(path)], "ms")

    def gauge(self, path: str) -> float:
        """A gauge, as it was last read, summed where there are several."""
        return sum(_numbers(self._second, path).values())

    def counted(self, page: str) -> Counted:
        """What a reading of the page says about whose it is."""
        document, declared = _parsed(page), self.pages.declared
        found = {path: _numbers(document, path) for path in (declared.requests, declared.errors) if path}
        counters = {(path, place): value for path, values in found.items() for place, value in values.items()}
        return Counted(counters, sum(found.get(declared.requests or "", {}).values()))

    @cached_property
    def _first(self) -> Any:
        return _parsed(self.pages.first)

    @cached_property
    def _second(self) -> Any:
        return _parsed(self.pages.second)

    def _grown(self, key: str) -> float:
        path = self.pages.want(key)
        then, now = _numbers(self._first, path), _numbers(self._second, path)
        if any(now.get(place, -1.0) < value for place, value in then.items()):
            who = self.pages.service.name
            raise Unmeasured(f"the counter {path} was reset between two readings: was {who} restarted?")
        return sum(now.values()) - sum(then.values())


def _parsed(page: str) -> Any:
    try:
        return jsonpath.parse(page)
    except Unmeasured as error:
        advice = ': is it Prometheus text? Then leave metrics.format = "json" out' if "# TYPE " in page[:4096] else ""
        raise Unmeasured(f"{error.reason}{advice}") from None


def _numbers(document: Any, path: str) -> dict[str, float]:
    """The numbers at `path`, by where they are; those in lists, whose order may change, are summed."""
    found = {place: number(value, path) for place, value in jsonpath.all_at(document, path).items()}
    return {path: sum(found.values())} if any(map(_IN_A_LIST.search, found)) else found
