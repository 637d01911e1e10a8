"""The two panels that drills and profiles share: how many requests and errors, and how slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.judging.limit import Rung
from drillbook.judging.severity import SEVERITY_WORDS, Severity
from drillbook.report.page import words
from drillbook.report.page.facts import LARGEST
from drillbook.report.page.figure import PANEL, Curve, Panel, Rule, box, rules
from drillbook.report.page.paths import bars, curve, spans
from drillbook.report.page.scale import scale_of

if TYPE_CHECKING:
    from drillbook.report.page.facts import Facts
    from drillbook.report.page.paths import Points
    from drillbook.report.page.scale import Times
    from drillbook.report.page.seconds import Second

MILLISECONDS = "ms"


def requests_panel(seconds: list[Second], times: Times) -> Panel:
    """Requests, errors among them, and what was asked for where a profile says so."""
    requests: Points = [(one.middle, one.requests) for one in seconds]
    errors: Points = [(one.t, one.errors) for one in seconds]
    asked: Points = [(one.middle, one.asked) for one in seconds]
    scale = scale_of([value for _, value in [*requests, *errors, *asked] if value is not None], PANEL)
    curves = [Curve(bars(errors, times, scale), "errors")]
    if any(value is not None for _, value in asked):
        curves.append(Curve(curve(asked, times, scale), "asked"))
    return Panel("requests a second", scale, [*curves, Curve(curve(requests, times, scale), "requests")])


def latency_panel(seconds: list[Second], times: Times, rungs: list[tuple[Severity, Rung]]) -> Panel:
    """The 95th percentile and the slowest request of each second, against the rungs they are held to."""
    p95, slowest = [(one.middle, one.p95) for one in seconds], [(one.middle, one.max) for one in seconds]
    values = [value for _, value in [*p95, *slowest] if value is not None] + [rung.threshold for _, rung in rungs]
    scale = scale_of(values, PANEL + 30, may_bend=True)
    title = "latency, ms, logarithmic" if scale.logarithmic else "latency, ms"
    curves = [Curve(curve(slowest, times, scale), "slowest"), Curve(curve(p95, times, scale), "p95")]
    lines = [Rule(scale.y(rung.threshold), f"{one.word} {rung.words(MILLISECONDS)}") for one, rung in rungs]
    unserved = [box(times, *span, "unserved") for span in spans([(one.t, one.p95) for one in seconds], times)]
    return Panel(title, scale, curves, rules(lines), unserved)


def rungs_of(limits: Facts, name: str) -> list[tuple[Severity, Rung]]:
    """The rungs of the limit of that name, where it is one in milliseconds; what is no rung is left out."""
    limit = limits.table(name)
    if limit.text("unit") != MILLISECONDS:
        return []
    found = [(Severity.named(word), _rung(word, limit.table("rungs").text(word))) for word in SEVERITY_WORDS]
    return [(severity, rung) for severity, rung in found if rung is not None]


def met(seconds: list[Second]) -> str:
    """What clients met, in a sentence: the text that stands for the curves."""
    if not seconds:
        return "No traffic is on record."
    requests, errors = sum(one.requests for one in seconds), sum(one.errors for one in seconds)
    slow = [one.p95 for one in seconds if one.p95 is not None]
    unserved = sum(one.p95 is None for one in seconds)
    said = [f"{words.amount(requests)} requests, {words.amount(errors)} of them failed"]
    said += [f"the 95th percentile of a second was {words.amount(max(slow), MILLISECONDS)} at worst"] if slow else []
    said += [f"in {words.many(unserved, 'second')} nobody was served"] if unserved else []
    return f"{'; '.join(said)}."


def _rung(word: str, condition: str) -> Rung | None:
    try:
        rung = Rung.parse(Severity.named(word), condition)
    except (ValueError, OverflowError):
        return None
    return rung if 0 < rung.threshold <= LARGEST else None
