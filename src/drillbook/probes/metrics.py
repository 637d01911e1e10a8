"""Metrics that a target exposes as Prometheus text: parsed with suspicion, and what two readings of them say.

Everything here raises Unmeasured, with a reason fit to print, where the numbers cannot be trusted: a counter that
went down, a histogram that contradicts itself, a value that is no number, a name that is not there.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Labels = frozenset[tuple[str, str]]
Series = dict[Labels, float]
Ignore = dict[str, list[str]]

MOST_SAMPLES = 100_000
LONGEST_LINE = 65_536
_SHOWN = 12
_STARTED = "process_start_time_seconds"


@dataclass(frozen=True)
class Samples:
    """The series of one reading by name, and the names of which one series was exposed twice."""

    series: Mapping[str, Series]
    twice: frozenset[str] = frozenset()

    def named(self, name: str) -> Series:
        """The series called `name`, with or without `_total`; Unmeasured names those that come nearest."""
        found = next((one for one in (name, f"{name}_total", name.removesuffix("_total")) if one in self.series), None)
        if found is None:
            raise Unmeasured(f"no metric {said(name)}; {self._there_are(name)}")
        if found in self.twice:
            raise Unmeasured(f"the metric {found} exposes one series twice")
        return dict(self.series[found])

    def _there_are(self, name: str) -> str:
        near = difflib.get_close_matches(name, self.series, n=3, cutoff=0.6)
        others = sorted(one for one in self.series if one not in near and not one.endswith(("_bucket", "_created")))
        shown = [said(one) for one in [*near, *others][:_SHOWN]]
        more = len(near) + len(others) - len(shown)
        return f"there are: {', '.join(shown)}{f' and {more} more' if more > 0 else ''}"


def parse(text: str) -> Samples:
    """The samples in Prometheus text; Unmeasured where it is none, or more than anybody should read."""
    from prometheus_client.parser import text_string_to_metric_families

    if any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise Unmeasured("the metrics hold a line longer than 64 KiB")
    series: dict[str, Series] = {}
    twice, count = set[str](), 0
    try:
        for family in text_string_to_metric_families(text):
            count += len(family.samples)
            if count > MOST_SAMPLES:
                raise Unmeasured(f"more than {MOST_SAMPLES} samples")
            for sample in family.samples:
                labels, found = frozenset(sample.labels.items()), series.setdefault(sample.name, {})
                twice |= {sample.name} if labels in found else set()
                found[labels] = float(sample.value)
    except Unmeasured:
        raise
    except Exception as error:  # the parser raises whatever its mistakes raise
        raise Unmeasured(f"the metrics cannot be parsed: {said(error)}") from None
    if not count:
        raise Unmeasured("there are no metrics in the answer")
    return Samples(series, frozenset(twice))


def gauge(samples: Samples, name: str) -> float:
    """The gauge `name`, summed over its series."""
    return sum(number(value, name) for value in samples.named(name).values())


def increase(before: Samples, after: Samples, name: str, *, ignore: Ignore | None = None) -> Series:
    """By how much each series of the counter `name` grew between two readings, those in `ignore` left out.

    A series that is new began at 0. Unmeasured where one went down or away: its process was started anew.
    """
    then, now = _kept(before.named(name), ignore), _kept(after.named(name), ignore)
    _same_process(before, after)
    if not now:
        raise Unmeasured(f"every series of {name} is ignored")
    for labels, value in then.items():
        if labels not in now or number(now[labels], name) < number(value, name):
            raise Unmeasured(f"the counter {name} was reset between two readings: was the service restarted?")
    return {labels: number(value, name) - then.get(labels, 0.0) for labels, value in now.items()}


def label_of(labels: Labels, label: str, name: str) -> str:
    """The value of `label`; Unmeasured names the labels there are."""
    found = dict(labels)
    if label not in found:
        raise Unmeasured(f"{name} has no label {label!r} (it has: {', '.join(map(said, sorted(found))) or 'none'})")
    return found[label]


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


def _kept(series: Series, ignore: Ignore | None) -> Series:
    """The series that are users' traffic."""
    return {
        labels: value
        for labels, value in series.items()
        if not any(said_ in (ignore or {}).get(label, ()) for label, said_ in labels)
    }


def _same_process(before: Samples, after: Samples) -> None:
    if before.series.get(_STARTED) != after.series.get(_STARTED):
        raise Unmeasured("the counters cannot be compared: two readings came from two processes, or it was restarted")


def _consistent(samples: Samples, name: str, ignore: Ignore | None) -> None:
    """Holds each series of the histogram to what it says of itself."""
    by_series: dict[Labels, list[tuple[float, float]]] = {}
    for labels, value in _kept(samples.named(f"{name}_bucket"), ignore).items():
        others = frozenset(pair for pair in labels if pair[0] != "le")
        by_series.setdefault(others, []).append((_bound(labels, name), number(value, f"{name}_bucket")))
    counts = _kept(samples.named(f"{name}_count"), ignore)
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
