"""The end of the terminal: a short table, worst first, each line a page for the person on call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.inert import for_terminal
from drillbook.report.line import line
from drillbook.verdict import Outcome, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.gate import Ending
    from drillbook.target import Target
    from drillbook.verdict import Verdict

WORTH_A_LINE = ("chaos/", "load/")  # what a drill or a profile measured, also where it held
Line = tuple[str, dict[str, bool]]
COLOURS = {Outcome.BREACHED: "red", Outcome.UNKNOWN: "yellow", Outcome.PENDING: "cyan"}


def table(
    target: Target, ending: Ending, skips: Mapping[str, str], asked: Mapping[str, int], folder: str
) -> Iterator[Line]:
    """The lines, each with the terminal's markup: what is not OK in full, what held by name, and the sum of it."""
    yield "", {}
    for verdict, others in _with_the_same_reason(worst_first(ending.verdicts)):
        fails = ending.gate.fails(verdict)
        note = "" if fails else f" [below the gate: {ending.gate.severity.word}]"
        note += f" [and so for {', '.join(others)}]" if others else ""
        yield for_terminal(line(verdict, target.name) + note), {COLOURS[verdict.outcome]: True, "bold": fails}
    good = [verdict for verdict in ending.verdicts if verdict.outcome is Outcome.OK]
    told = [verdict for verdict in good if verdict.check.startswith(WORTH_A_LINE)]
    for verdict in told:
        yield for_terminal(line(verdict, target.name)), {"green": True}
    held = sorted({verdict.title for verdict in good if verdict not in told})
    if held:
        yield for_terminal(f"OK {', '.join(held)}"), {"green": True}
    for what, why in skips.items():
        yield for_terminal(f"not covered: {what}: {why}"), {}
    yield from _sum(target, ending, asked, folder)


def _with_the_same_reason(verdicts: list[Verdict]) -> Iterator[tuple[Verdict, list[str]]]:
    """Each verdict that is not OK, with the milder ones that are UNKNOWN for the very same reason."""
    told: set[str] = set()
    for verdict in verdicts:
        unknown = verdict.outcome is Outcome.UNKNOWN
        if verdict.outcome not in COLOURS or (unknown and verdict.reason in told):
            continue
        told |= {verdict.reason} if unknown else set()
        same = [one for one in verdicts if unknown and one is not verdict and one.reason == verdict.reason]
        yield verdict, [one.title for one in same if one.outcome is Outcome.UNKNOWN]


def _sum(target: Target, ending: Ending, asked: Mapping[str, int], folder: str) -> Iterator[Line]:
    judged = sum(verdict.outcome is not Outcome.SKIPPED for verdict in ending.verdicts)
    measured = sum(ending.gate.measured(verdict) for verdict in ending.verdicts)
    services = ", ".join(f"{name} {count}" for name, count in asked.items()) or "nothing"
    yield f"{judged} limits judged, {measured} of them measured that could reach the gate; asked: {services}", {}
    for trouble in ending.trouble:
        yield for_terminal(trouble), {"red": True}
    if ending.collected and ending.nothing_measured and not ending.native:
        yield "nothing was measured that could reach the gate: this run proves nothing", {"red": True}
    code = ending.exit_code()
    yield f"{target.name}: exit {code}, report in {folder}", {"red" if code else "green": True, "bold": True}
