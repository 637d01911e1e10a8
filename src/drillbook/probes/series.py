"""The series of one metric on a page of metrics, each under the values of the labels that were not asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from drillbook.probes import metrics
from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN = 6
_STARTED = "process_start_time_seconds"


def named(body: str, metric: str, labels: Mapping[str, str]) -> dict[str, float]:
    """The values of the series that carry `labels`; Unmeasured where there is none, or the page is none."""
    every = _parsed(body).named(metric)
    found = {one: value for one, value in every.items() if labels.items() <= dict(one).items()}
    if not found:
        there = "; ".join(said(_words(dict(one))) for one in list(every)[:_SHOWN])
        raise Unmeasured(f"no series of {said(metric)} carries {_words(labels)} (there are: {there or 'none'})")
    return {_name(dict(one), labels): value for one, value in found.items()}


def named_by(labels: Mapping[str, str]) -> str:
    """What a series is called that these labels tell from the others: the value of a single one."""
    return next(iter(labels.values())) if len(labels) == 1 else _words(labels)


def process(body: str) -> dict[str, float]:
    """What no other process says of itself: when it was started, where it says so."""
    return {_words(dict(one)): value for one, value in _parsed(body).series.get(_STARTED, {}).items()}


def _name(carried: Mapping[str, str], asked: Mapping[str, str]) -> str:
    return named_by({label: value for label, value in carried.items() if label not in asked})


def _words(labels: Mapping[str, str]) -> str:
    return ",".join(f"{label}={value}" for label, value in sorted(labels.items()))


@lru_cache(maxsize=4)
def _parsed(body: str) -> metrics.Samples:
    return metrics.parse(body)
