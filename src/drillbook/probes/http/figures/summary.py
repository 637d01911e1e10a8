"""Summaries: quantiles that the service has worked out itself, over a window of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drillbook.probes.failure import said
from drillbook.probes.metrics import kept
from drillbook.probes.question import Unmeasured, number

if TYPE_CHECKING:
    from drillbook.probes.metrics import Ignore, Samples

LABEL = "quantile"


def is_summary(samples: Samples, name: str) -> bool:
    """Whether `name` is a summary with quantiles, and no histogram."""
    return f"{name}_bucket" not in samples.series and name in samples.series and f"{name}_count" in samples.series


def quantile(samples: Samples, name: str, share: float, ignore: Ignore, across: str | None) -> float:
    """The quantile `share` of the summary, in its own unit; of several series the worst, where `across` says so.

    Unmeasured where it has no such quantile, where nothing was observed in its window, and where there are several.
    """
    values = [
        value
        for labels, value in kept(samples.named(name), ignore).items()
        if (text := dict(labels).get(LABEL)) and _is(text, share)
    ]
    if not values:
        raise Unmeasured(f"the summary {name} has no quantile {share:g} ({_there_are(samples, name)})")
    observed = [value for value in values if not math.isnan(value)]
    if not observed:
        raise Unmeasured(f"the quantile {share:g} of {name} is NaN: nothing was observed in its window", idle=True)
    if len(values) > 1 and across != "worst":
        raise Unmeasured(
            f"{name} has {len(values)} series, and quantiles cannot be averaged: leave the others out with "
            'metrics.ignore, or take the worst of them with metrics.across = "worst"'
        )
    return max(number(value, name) for value in observed)


def _is(text: str, share: float) -> bool:
    try:
        return math.isclose(float(text), share)
    except ValueError:
        return False


def _there_are(samples: Samples, name: str) -> str:
    found = sorted({said(dict(labels)[LABEL]) for labels in samples.series[name] if LABEL in dict(labels)})
    return f"it has: {', '.join(found) or 'none'}"
