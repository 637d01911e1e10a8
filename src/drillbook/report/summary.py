"""A run in one page of Markdown: worst first, whom to call and by when, and what was not covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.inert import for_markdown
from drillbook.report.line import head, measured
from drillbook.verdict import Outcome, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.gate import Ending
    from drillbook.target import Target
    from drillbook.verdict import Verdict


def summary(target: Target, ending: Ending, skips: Mapping[str, str], asked: Mapping[str, int]) -> str:
    """The page; `skips` maps what was not covered to why, `asked` each service to the requests it was sent."""
    return "\n".join([*_top(target, ending), *_table(target, ending.verdicts), *_rest(skips, asked), ""])


def _top(target: Target, ending: Ending) -> Iterator[str]:
    yield f"# {for_markdown(target.name)}: exit {ending.exit_code()}"
    yield ""
    failing = sum(ending.gate.fails(verdict) for verdict in ending.verdicts)
    yield f"{len(ending.verdicts)} limits judged, {failing} fail the gate ({ending.gate.severity.word})."
    for trouble in ending.trouble:
        yield f"\n{for_markdown(trouble)}"
    yield ""


def _table(target: Target, verdicts: list[Verdict]) -> Iterator[str]:
    yield "| verdict | limit | value | trips at | why | from | answered by | call |"
    yield "|---|---|---|---|---|---|---|---|"
    for verdict in worst_first(verdicts):
        found = [head(verdict), verdict.title, measured(verdict), verdict.limit, verdict.reason]
        cells = [*found, verdict.source, verdict.by, _call(target, verdict)]
        yield f"| {' | '.join(for_markdown(cell) or ' ' for cell in cells)} |"


def _call(target: Target, verdict: Verdict) -> str:
    if verdict.outcome is not Outcome.BREACHED or not verdict.severity:
        return ""
    call = target.call(verdict.severity.word)
    return f"{call.call}: answer within {call.respond}, solve within {call.resolve}" if call else ""


def _rest(skips: Mapping[str, str], asked: Mapping[str, int]) -> Iterator[str]:
    if skips:
        yield "\n## Not covered\n"
        yield from (f"- {for_markdown(what)}: {for_markdown(why)}" for what, why in skips.items())
    yield "\n## What the run asked of each service\n"
    yield from (f"- {for_markdown(name)}: {count} requests" for name, count in asked.items())
