"""The end of the terminal: a short table, causes first, each line a page for the person on call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.inert import for_terminal
from drillbook.judging.finding import and_so, findings
from drillbook.judging.gate import worst_of
from drillbook.judging.line import line
from drillbook.judging.verdict import Outcome, worst_first
from drillbook.report.section import names_of
from drillbook.system.kinds import ups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.judging.finding import Finding
    from drillbook.judging.verdict import Verdict
    from drillbook.report.section import Section

WORTH_A_LINE = ("chaos/", "load/")  # what a drill or a profile measured, also where it held
Line = tuple[str, dict[str, bool]]
COLOURS = {Outcome.BREACHED: "red", Outcome.UNKNOWN: "yellow", Outcome.PENDING: "cyan"}


def table(sections: list[Section], folder: str) -> Iterator[Line]:
    """The lines, each with the terminal's markup: what is not OK in full, what held by name, and the sum of it."""
    for one in sections:
        yield from _section(one)
    yield from ((for_terminal(trouble), {"red": True}) for trouble in sections[0].ending.trouble.lines)
    yield from ((words, {"red": True}) for words in map(_nothing, sections) if words)
    code = worst_of(one.ending for one in sections)
    yield f"{names_of(sections)}: exit {code}, report in {folder}", {"red" if code else "green": True, "bold": True}


def _nothing(section: Section) -> str:
    """Where nothing was measured, that this proves nothing; where all that was selected is another's, that."""
    ending = section.ending
    if ending.trouble.native or not ending.nothing_measured:
        return ""
    if ending.collected:
        return f"{section.label}nothing was measured that could reach the gate: this run proves nothing"
    return f"{section.label}no check was selected" if section.several else ""


def _section(section: Section) -> Iterator[Line]:
    ending = section.ending
    yield "", {}
    for finding in findings(worst_first(ending.verdicts), lambda verdict: verdict, ups()):
        yield from _bad(section, finding)
    good = [verdict for verdict in ending.verdicts if verdict.outcome is Outcome.OK]
    told = [verdict for verdict in good if verdict.check.startswith(WORTH_A_LINE)]
    for verdict in told:
        yield for_terminal(_line(section, verdict)), {"green": True}
    held = sorted({verdict.title for verdict in good if verdict not in told})
    if held:
        yield for_terminal(f"OK {section.label}{', '.join(held)}"), {"green": True}
    for why, what in _by_reason(section.skips).items():
        more = f" and {len(what) - 1} more" if len(what) > 1 else ""
        yield for_terminal(f"{section.label}not covered: {what[0]}{more}: {why}"), {}
    yield _sum(section), {}


def _bad(section: Section, finding: Finding[Verdict]) -> Iterator[Line]:
    """A cause in full, and its effects by name; below the gate where all of it is."""
    gate, colour = section.ending.gate, COLOURS[finding.cause.outcome]
    fails = any(map(gate.fails, (finding.cause, *finding.effects)))
    note = "" if fails else f" [below the gate: {gate.severity.word}]"
    note += " [OK again in the last round]" if finding.cause.title in section.good_at_last else ""
    told = _line(section, finding.cause)
    yield for_terminal(told + note), {colour: True, "bold": fails}
    if finding.effects:
        yield f"  {for_terminal(and_so(finding.cause, finding.effects))}", {colour: True}


def _line(section: Section, verdict: Verdict) -> str:
    target = section.target
    return line(verdict, target.name, several=section.several, page=target.page(verdict.source))


def _by_reason(skips: Mapping[str, str]) -> dict[str, list[str]]:
    """What was not covered, by why: the summary has all of it by name."""
    found: dict[str, list[str]] = {}
    for what, why in skips.items():
        found.setdefault(why, []).append(what)
    return found


def _sum(section: Section) -> str:
    ending = section.ending
    measured = sum(ending.gate.measured(verdict) for verdict in ending.verdicts)
    services = ", ".join(f"{name} {count}" for name, count in section.asked.items()) or "nothing"
    judged = f"{len(ending.judged)} limits judged, {measured} of them measured that could reach the gate"
    return f"{section.label}{judged}; asked: {services}"
