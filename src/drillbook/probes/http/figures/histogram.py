"""Histograms: what one counted between two readings, held to what it says of itself, and its quantiles."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from drillbook.probes.failure import said
from drillbook.probes.metrics import Ignore, Labels, Samples, increase, kept, label_of
from drillbook.probes.question import Unmeasured, number

if TYPE_CHECKING:
    from collections.abc import Sequence


def buckets(before: Samples, after: Samples, name: str, *, ignore: Ignore | None = None) -> list[tuple[float, float]]:
    """What the histogram `name` counted between two readings: (upper bound, cumulative count), summed over series."""
    _consistent(after, name, ignore)
    summed: dict[float, float] = {}
    bounds: dict[Labels, set[float]] = {}
    for labels, value in increase(before, after, f"{name}_bucket", ignore=ignore).items():
        bound, others = _bound(labels, name), frozenset(pair for pair in labels if pair[0] != "le")
        summed[bound] = summed.get(bound, 0.0) + value
        bounds.setdefault(others, set()).add(bound)
    if any(one != set(summed) for one in bounds.values()):
        raise Unmeasured(f"the series of {name} have different buckets, which cannot be summed")
    counted = sorted(summed.items())
    _rising(counted, name)
    return counted


def quantile(share: float, counted: Sequence[tuple[float, float]]) -> tuple[float, bool]:
    """The quantile by PromQL's rules, and whether it is only a lower bound: it lies beyond the last finite bucket.

    `counted` are cumulative counts by upper bound, +Inf last. Unmeasured where nothing was counted.
    """
    if len(counted) < 2 or counted[-1][0] != math.inf:
        raise Unmeasured("a histogram needs a finite bucket and +Inf")
    if counted[-1][1] <= 0:
        raise Unmeasured("nothing was counted")
    rank = share * counted[-1][1]
    place = next(index for index, (_, count) in enumerate(counted) if count >= rank)
    if place == len(counted) - 1:
        return counted[-2][0], True
    upper, count = counted[place]
    if place == 0 and upper <= 0:
        return upper, False
    start, below = counted[place - 1] if place else (0.0, 0.0)
    inside = count - below
    return (start + (upper - start) * (rank - below) / inside if inside else upper), False


def _consistent(samples: Samples, name: str, ignore: Ignore | None) -> None:
    """Holds each series of the histogram to what it says of itself."""
    by_series: dict[Labels, list[tuple[float, float]]] = {}
    for labels, value in kept(samples.named(f"{name}_bucket"), ignore).items():
        others = frozenset(pair for pair in labels if pair[0] != "le")
        by_series.setdefault(others, []).append((_bound(labels, name), number(value, f"{name}_bucket")))
    counts = kept(samples.named(f"{name}_count"), ignore)
    for labels, counted in by_series.items():
        counted.sort()
        _rising(counted, name)
        if number(counts.get(labels), f"{name}_count") != counted[-1][1]:
            raise Unmeasured(f"the histogram {name} contradicts itself: its count is not that of its +Inf bucket")


def _rising(counted: list[tuple[float, float]], name: str) -> None:
    if not counted or counted[-1][0] != math.inf:
        raise Unmeasured(f"the histogram {name} has no +Inf bucket")
    if len({bound for bound, _ in counted}) != len(counted):
        raise Unmeasured(f"the histogram {name} has one bucket twice")
    if any(more < fewer for (_, fewer), (_, more) in pairwise(counted)):
        raise Unmeasured(f"the histogram {name} contradicts itself: a larger bucket counted less")


def _bound(labels: Labels, name: str) -> float:
    text = label_of(labels, "le", f"{name}_bucket")
    try:
        bound = float(text)
    except ValueError:
        bound = math.nan
    if math.isnan(bound) or bound == -math.inf:
        raise Unmeasured(f"the histogram {name} has a bucket {said(text)!r}, which is no number")
    return bound
