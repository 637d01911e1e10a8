"""The figure of a load profile: how slow, against the rungs it is held to, and what was served of what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.report.page.figure import Figure, laid_out
from drillbook.report.page.panels import latency_panel, met, requests_panel, rungs_of
from drillbook.report.page.scale import times_of

if TYPE_CHECKING:
    from drillbook.judging.limit import Rung
    from drillbook.judging.severity import Severity
    from drillbook.report.page.facts import Facts
    from drillbook.report.page.loads import Load


def curves(load: Load, limits: Facts, key: str) -> Figure | None:
    """The figure, None where there is nothing to draw; `limits` are the run's, by name."""
    seconds = load.traffic
    if not seconds:
        return None
    rungs = rungs_of_p95(load, limits)
    times = times_of([t for one in seconds for t in (one.t, one.t + 1)])
    panels = [latency_panel(seconds, times, rungs), requests_panel(seconds, times)]
    said = "".join(f" It is held to {severity.word} {rung.words('ms')}." for severity, rung in rungs)
    title = f"Load over time of {load.profile}"
    return laid_out(Figure(key, title, f"{met(seconds)}{said}", times, panels))


def rungs_of_p95(load: Load, limits: Facts) -> list[tuple[Severity, Rung]]:
    """The rungs of the first limit on the 95th percentile that the profile is held to."""
    found = (rungs_of(limits, name) for name in load.held_to if name.endswith("p95"))
    return next((rungs for rungs in found if rungs), [])
