"""A run in one page of Markdown: causes first, whom to call and by when, and what was not covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.common.inert import for_markdown
from drillbook.judging.finding import and_so, findings
from drillbook.judging.gate import worst_of
from drillbook.judging.line import head, measured
from drillbook.judging.verdict import Outcome, worst_first
from drillbook.report.section import names_of
from drillbook.system.kinds import ups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drillbook.judging.verdict import Verdict
    from drillbook.report.section import Section
    from drillbook.system.target import Target


def summary(sections: list[Section]) -> str:
    """The page: of one target, or with a section for each of several."""
    top = [] if len(sections) == 1 else _above(sections)
    return "\n".join([*top, *(line for one in sections for line in _section(one)), ""])


def _above(sections: list[Section]) -> Iterator[str]:
    """What is said of the whole run above the sections."""
    yield f"# {for_markdown(names_of(sections))}: exit {worst_of(one.ending for one in sections)}"
    yield from (f"\n{for_markdown(trouble)}" for trouble in sections[0].ending.trouble.lines)


def _section(section: Section) -> Iterator[str]:
    depth = "##" if section.several else "#"
    if section.several:
        yield ""
    yield f"{depth} {for_markdown(section.target.name)}: exit {section.ending.exit_code()}"
    yield ""
    yield from _counts(section)
    yield ""
    yield from _table(section.target, section.ending.judged)
    yield from _rest(section, f"{depth}#")


def _counts(section: Section) -> Iterator[str]:
    ending = section.ending
    failing = sum(ending.gate.fails(verdict) for verdict in ending.verdicts)
    yield f"{len(ending.judged)} limits judged, {failing} fail the gate ({ending.gate.severity.word})."
    if not section.several:
        yield from (f"\n{for_markdown(trouble)}" for trouble in ending.trouble.lines)


def _table(target: Target, verdicts: list[Verdict]) -> Iterator[str]:
    yield "| verdict | limit | value | trips at | why | from | answered by | call |"
    yield "|---|---|---|---|---|---|---|---|"
    ordered = worst_first(verdicts)
    for finding in findings(ordered, lambda verdict: verdict, ups()):
        yield _row(target, finding.cause, finding.effects, call=_call(target, finding.worst))
    for verdict in ordered:
        if verdict.outcome in (Outcome.OK, Outcome.SKIPPED):
            yield _row(target, verdict)


def _row(target: Target, verdict: Verdict, effects: Sequence[Verdict] = (), call: str = "") -> str:
    why = ", ".join(filter(None, [verdict.reason, and_so(verdict, effects, most=len(effects)) if effects else ""]))
    found = [head(verdict), verdict.title, measured(verdict), verdict.limit, why]
    cells = [*map(for_markdown, found), _origin(target, verdict), *map(for_markdown, (verdict.by, call))]
    return f"| {' | '.join(cell or ' ' for cell in cells)} |"


def _origin(target: Target, verdict: Verdict) -> str:
    """The section of the runbook, as a link where it is known where that is read."""
    section, page = for_markdown(verdict.source), target.page(verdict.source)
    return f"[{section}]({page})" if page else section


def _call(target: Target, verdict: Verdict) -> str:
    if verdict.outcome is not Outcome.BREACHED or not verdict.severity:
        return ""
    call = target.call(verdict.severity.word)
    return f"{call.call}: answer within {call.respond}, solve within {call.resolve}" if call else ""


def _rest(section: Section, depth: str) -> Iterator[str]:
    if section.skips:
        yield f"\n{depth} Not covered\n"
        yield from (f"- {for_markdown(what)}: {for_markdown(why)}" for what, why in section.skips.items())
    yield f"\n{depth} What the run asked of each service\n"
    yield from (f"- {for_markdown(name)}: {count} requests" for name, count in section.asked.items())
