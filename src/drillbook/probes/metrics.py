"""Metrics that a target exposes as Prometheus text: parsed with suspicion, and what two readings of them say.

Everything here raises Unmeasured, with a reason fit to print, where the numbers cannot be trusted: a counter that
went down, a histogram that contradicts itself, a value that is no number, a name that is not there.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured, number

if TYPE_CHECKING:
    from collections.abc import Mapping

Labels = frozenset[tuple[str, str]]
Series = dict[Labels, float]
Ignore = dict[str, list[str]]

MOST_SAMPLES = 100_000
REMEMBERED = 1 << 20  # characters; what a longer page held would fill our memory
LONGEST_LINE = 65_536
_SHOWN = 12


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
    """The samples in Prometheus text; Unmeasured where it is none, or more than anybody should read.

    Each limit of a round asks for the same pages: what they held is remembered.
    """
    return _remembered(text) if len(text) <= REMEMBERED else _parsed(text)


def _parsed(text: str) -> Samples:
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
        raise Unmeasured(f"the metrics cannot be parsed: {_kind_of(text) or said(error)}") from None
    if not count:
        raise Unmeasured("there are no metrics in the answer")
    return Samples(series, frozenset(twice))


_remembered = lru_cache(maxsize=16)(_parsed)


def _kind_of(text: str) -> str:
    """What the page is, where it is plainly something else."""
    begins = text.lstrip()[:1]
    return {"{": 'it is JSON (metrics.format = "json")', "[": "it is JSON", "<": "it is HTML"}.get(begins, "")


def gauge(samples: Samples, name: str) -> float:
    """The gauge `name`, summed over its series."""
    return sum(number(value, name) for value in samples.named(name).values())


def increase(before: Samples, after: Samples, name: str, *, ignore: Ignore | None = None) -> Series:
    """By how much each series of the counter `name` grew between two readings, those in `ignore` left out.

    A series that is new began at 0. Unmeasured where one went down or away: its process was started anew.
    """
    exposed = after.named(name)
    then, now = kept(before.named(name), ignore), kept(exposed, ignore)
    _has_labels(exposed, name, ignore or {})
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


def kept(series: Series, ignore: Ignore | None) -> Series:
    """The series that are users' traffic."""
    return {
        labels: value
        for labels, value in series.items()
        if not any(said_ in (ignore or {}).get(label, ()) for label, said_ in labels)
    }


def _has_labels(series: Series, name: str, ignore: Ignore) -> None:
    """Raises Unmeasured where a label that is to be ignored is on no series: nothing would be left out."""
    there = {label for labels in series for label, _ in labels}
    for label in ignore:
        if label not in there:
            raise Unmeasured(
                f"metrics.ignore names the label {label!r}, which no series of {name} has: nothing of it is left out "
                f"(there are: {', '.join(map(said, sorted(there))) or 'none'})"
            )
