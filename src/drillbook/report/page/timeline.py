"""The figure of a drill: what clients met, its phases marked on it, and every limit that was not OK all along."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from drillbook.judging.verdict import Outcome
from drillbook.report.page.figure import Box, Figure, Mark, Strip, box, brief, laid_out
from drillbook.report.page.panels import latency_panel, met, requests_panel, rungs_of
from drillbook.report.page.paths import BUCKETS
from drillbook.report.page.scale import times_of

if TYPE_CHECKING:
    from drillbook.report.page import drills
    from drillbook.report.page.drills import Drill
    from drillbook.report.page.facts import Facts
    from drillbook.report.page.scale import Times

P95 = "api.p95"  # what clients of a drill meet is held to the limit that its checks judge
MOST_STRIPS = 24
MOST_MARKS = 30
UNMARKED = ("stack", "ledger")
LOOKS = {"fault": "fault", "fix": "fix", "recovery": "recovery"}
_WORST = (Outcome.SKIPPED, Outcome.OK, Outcome.PENDING, None, Outcome.UNKNOWN, Outcome.BREACHED)

Stretch = tuple[float, float, Outcome | None]


def timeline(drill: Drill, limits: Facts, key: str) -> Figure | None:
    """The figure, None where there is nothing to draw; `limits` are the run's, by name."""
    seconds, marks = drill.traffic, numbers(drill)
    if not seconds and not marks:
        return None
    phases = [(drill.phases[place], number) for place, number in marks.items()]
    times = times_of([0.0, *(phase.at or 0.0 for phase, _ in phases), *_seen(drill)])
    panels = [requests_panel(seconds, times), latency_panel(seconds, times, rungs_of(limits, P95))] if seconds else []
    marked = [_mark(phase, number, times) for phase, number in phases]
    strips = [_strip(strip, drill.zero, times) for strip in drill.strips()[:MOST_STRIPS]]
    title = f"Timeline of {drill.name}"
    figure = Figure(key, title, _desc(drill), times, panels, marked, strips, _incident(drill, times))
    return laid_out(figure)


def numbers(drill: Drill) -> dict[int, int]:
    """The numbers that phases have in the figure, by their place among the drill's phases."""
    shown = [n for n, phase in enumerate(drill.phases) if phase.at is not None and phase.name not in UNMARKED]
    return {place: number for number, place in enumerate(shown[:MOST_MARKS], 1)}


def _strip(strip: drills.Strip, zero: float, times: Times) -> Strip:
    """One limit's outcomes, as far as the figure reaches."""
    stretches = _thinned(_stretches(strip, zero, times), times)
    return Strip(brief(strip.title), [box(times, begin, end, _look(outcome)) for begin, end, outcome in stretches])


def _look(outcome: Outcome | None) -> str:
    """How an outcome is drawn; one that is none of ours as UNKNOWN."""
    return (outcome or Outcome.UNKNOWN).value.lower()


def _seen(drill: Drill) -> list[float]:
    """When traffic was, and what the watch has last seen of a drill that never came to its end."""
    cut = [] if drill.verdict else [strip.until - drill.zero for strip in drill.watched.values()]
    return [t for one in drill.traffic for t in (one.t, one.t + 1)] + cut


def _incident(drill: Drill, times: Times) -> list[Box]:
    """From the fault until all was green again, or to the end."""
    at = {phase.name: phase.at for phase in drill.phases if phase.at is not None}
    return [box(times, at["fault"], at.get("recovery", times.high), "incident")] if "fault" in at else []


def _mark(phase: drills.Phase, number: int, times: Times) -> Mark:
    return Mark(times.percent(phase.at or 0.0), f"{number} {brief(phase.name, 20)}", LOOKS.get(phase.name, "other"))


def _stretches(strip: drills.Strip, zero: float, times: Times) -> list[Stretch]:
    ends = [*strip.changes, (strip.until + 1, None)]
    found = [(begin - zero, end - zero, outcome) for (begin, outcome), (end, _) in pairwise(ends)]
    seen = [(max(begin, times.low), min(end, times.high), outcome) for begin, end, outcome in found]
    return [(begin, end, outcome) for begin, end, outcome in seen if begin < end]


def _thinned(stretches: list[Stretch], times: Times) -> list[Stretch]:
    """The stretches, or the worst in each bucket where there are too many to draw."""
    wide = (times.high - times.low) / BUCKETS
    if len(stretches) <= BUCKETS:
        return stretches
    buckets = [(number, list(group)) for number, group in groupby(stretches, key=lambda one: int(one[0] // wide))]
    return [(group[0][0], group[-1][1], max((one[2] for one in group), key=_WORST.index)) for _, group in buckets]


def _desc(drill: Drill) -> str:
    """The figure in words; the list of phases, which the page has beside it, says when each of them was."""
    limits = ", ".join(strip.title for strip in drill.strips()[:MOST_STRIPS])
    watched = f" Not OK at some time: {limits}." if limits else " No limit under watch was anything but OK."
    return f"{met(drill.traffic)}{watched} The phases are listed below with their times."
