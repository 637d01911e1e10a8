"""What a page of Prometheus text counts of a service's traffic: the names that a system file gives of it."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.probes import metrics
from drillbook.probes.http.figures.units import MILLISECONDS, unit_in
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from drillbook.probes.metrics import Samples, Series

_STATUS = re.compile(r"[1-5](\d\d|xx)", re.IGNORECASE)
_TRAFFIC = re.compile(r"request|response|http", re.IGNORECASE)
_DURATION = re.compile(r"duration|latency|seconds|time|millis|_ms\b", re.IGNORECASE)
# What is counted of somebody else's requests, or of something else than how many and how long.
_OTHERS = re.compile(r"promhttp|client|outgoing|upstream|bytes|size|in_progress|inprogress|exceptions|_created$")
_LONG = 60.0  # seconds: a last bucket beyond that is one of milliseconds, where the name says nothing
_FIRST = 1000.0  # ms: a first bucket beyond that was made for another unit than the name says
WORKERS = 'Several workers with counters of their own are UNKNOWN: let them share, or say from = "prometheus".'


@dataclass(frozen=True)
class Figures:
    """The keys of a `metrics` table, and what is to be known about it; without keys nothing of traffic is there."""

    lines: dict[str, Any]
    notes: tuple[str, ...] = ()


def figures_of(text: str, path: str, ours: Collection[str]) -> Figures | None:
    """What the page at `path` has of traffic; `ours` are paths that only checks ask. None where it has none."""
    try:
        samples = metrics.parse(text)
    except Unmeasured:
        return None
    requests, status = _requests(samples, ours)
    label = _label(samples.series.get(requests, {}), ours)
    latency = _latency(samples, label)
    lines: dict[str, Any] = {"path": path, **_named(samples, requests, status, latency)}
    if label and (not latency or label in _labels(_series_of(samples, latency))):
        lines["ignore"] = {label: sorted({*ours, path})}
    return Figures(lines, tuple(_notes(requests, status, latency)))


def _named(samples: Samples, requests: str, status: str, latency: str) -> dict[str, str]:
    lines = {"requests": requests, "latency": latency}
    lines |= {"status": status} if status != "status" else {}
    bounds = [*_bounds(samples, latency)]
    lines |= {"unit": _unit(latency, min(bounds), max(bounds))} if bounds else {}
    return {key: value for key, value in lines.items() if value}


def _unit(name: str, first: float, last: float) -> str:
    """What a histogram counts in: as it is called, if the first bucket fits that; else by its last."""
    said = unit_in(name)
    if said:
        return said if first * MILLISECONDS[said] <= _FIRST else ""
    return "ms" if last > _LONG else ""


def _requests(samples: Samples, ours: Collection[str]) -> tuple[str, str]:
    """The counter of requests, and its label for the status; the best there is, which may be none."""
    counted = [one for one in samples.series if one.endswith(("_total", "_count")) and not _OTHERS.search(one)]
    told = [(one, _status_label(samples.series[one])) for one in counted]
    # What is called after something else counts requests too, where it says how those for our paths went.
    found = [one for one in told if _is_traffic(one[0]) or (one[1] and _label(samples.series[one[0]], ours))]

    def worth(one: tuple[str, str]) -> tuple[bool, bool, bool, int]:
        name, status = one
        return bool(status), bool(_label(samples.series[name], ours)), name.endswith("_total"), -len(name)

    return max(found, key=worth, default=("", ""))


def _latency(samples: Samples, label: str) -> str:
    """The histogram or summary of how long requests take: with that label, if any has it, and the finest."""
    found = [one for one in _timed(samples) if _is_traffic(one) and _DURATION.search(one)]

    def worth(name: str) -> tuple[bool, int, int]:
        return label in _labels(_series_of(samples, name)), len({*_bounds(samples, name)}), -len(name)

    return max(found, key=worth, default="")


def _timed(samples: Samples) -> Iterator[str]:
    for name, series in samples.series.items():
        if name.endswith("_bucket"):
            yield name.removesuffix("_bucket")
        elif "quantile" in _labels(series):
            yield name


def _is_traffic(name: str) -> bool:
    return bool(_TRAFFIC.search(name)) and not _OTHERS.search(name)


def _series_of(samples: Samples, name: str) -> Series:
    return samples.series.get(f"{name}_bucket") or samples.series.get(name, {})


def _labels(series: Series) -> set[str]:
    return {label for labels in series for label, _ in labels}


def _status_label(series: Series) -> str:
    """The label that holds a status code in every series; empty where none does."""
    values: dict[str, list[str]] = {}
    for labels in series:
        for label, value in labels:
            values.setdefault(label, []).append(value)
    fit = [one for one, said in values.items() if len(said) == len(series) and all(map(_STATUS.fullmatch, said))]
    return next((one for one in fit if "status" in one or "code" in one), next(iter(fit), ""))


def _label(series: Series, ours: Collection[str]) -> str:
    """The label that holds the path of a request: one of those that only checks ask is among its values."""
    return next((label for labels in series for label, value in labels if value in ours), "")


def _bounds(samples: Samples, name: str) -> Iterator[float]:
    for labels in samples.series.get(f"{name}_bucket", {}):
        with suppress(ValueError):
            bound = float(dict(labels).get("le", ""))
            yield from [bound] if math.isfinite(bound) else []


def _notes(requests: str, status: str, latency: str) -> Iterator[str]:
    if not requests:
        yield 'No counter of requests was found: requests = "NAME_total", with the label of the status in status.'
    elif not status:
        yield f"No label of {requests} holds a status code: which requests failed is UNKNOWN until status names one."
    if not latency:
        yield 'No histogram or summary of durations was found: latency = "NAME".'
    if requests or latency:
        yield WORKERS
