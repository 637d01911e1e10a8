"""The run and its rows in sentences: what it came to, what was wrong with it, whom to call."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from drillbook.judging import finding as findings
from drillbook.judging.gate import HELD
from drillbook.judging.verdict import Outcome
from drillbook.report.page import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.judging.finding import Finding
    from drillbook.report.page.rows import Row
    from drillbook.report.page.story import Story

_WORST_FIRST = (Outcome.BREACHED, Outcome.UNKNOWN, Outcome.PENDING, Outcome.OK)
_MOST_KINDS = 10
_WEB = re.compile(r"https?://[^\s\"'<>\\]+", re.ASCII)


def total(story: Story, rows: list[Row]) -> str:
    """The sum: how much was judged, how much of it could have failed the run, and what it came to."""
    if not rows:
        return "No drill came to a verdict." if story.drills else "Nothing was judged."
    measured = sum(story.gate.measured(row.verdict) for row in rows)
    counts = Counter(row.verdict.outcome for row in rows)
    kinds = ", ".join(f"{counts[one]} {one.value}" for one in _WORST_FIRST if counts[one])
    gate = story.gate.severity.word
    judged = f"{words.many(len(rows), 'limit')} judged, {measured} of them measured that could reach the gate ({gate})"
    return f"{judged}: {kinds}.{_rounds(story)}"


def contradiction(story: Story, each: list[list[Row]]) -> str:
    """Why a run that says it is green is not, or nothing: the page does not repeat what the verdicts deny.

    `each` are the rows of each target.
    """
    if story.exit != HELD:
        return ""
    if failing := sum(story.gate.fails(row.verdict) for rows in each for row in rows):
        fail = words.many(failing, "verdict fails", "verdicts fail")
        return f"The exit code is 0, but {fail} the gate: this run is not green."
    if not all(any(story.gate.measured(row.verdict) for row in rows) for rows in each):
        return "The exit code is 0, but nothing was measured that could reach the gate: this run is not green."
    return ""


def troubles(story: Story, each: list[list[Row]]) -> list[str]:
    """What bears on the run as a whole; `each` are the rows of each target."""
    told = story.end.texts("trouble") if story.end else []
    refused = [reason for reason in story.refused if not any(reason in one for one in told)]
    return [*filter(None, [contradiction(story, each)]), *told, *refused]


def notes(story: Story) -> Iterator[str]:
    """What of the journal could not be taken in."""
    unread = story.unread
    if not story.lines:
        yield "The journal is empty: nothing is known of this run."
    if unread.broken:
        yield f"{words.many(unread.broken, 'line')} of the journal could not be read: cut short, or no JSON."
    if unread.kinds:
        kinds = ", ".join(sorted(unread.kinds)[:_MOST_KINDS])
        yield f"{words.many(unread.kinds.total(), 'line')} of a kind that this page does not know: {kinds}."
    if unread.odd:
        yield f"{words.many(unread.odd, 'line')} held something that makes no sense, which was left out."


def found(row: Row) -> str:
    """What an OK limit came to: its value and what is said of it; of a drill its times."""
    value = "" if row.of_a_drill else words.amount(row.verdict.value, row.verdict.unit)
    return ", ".join(filter(None, [value, row.verdict.reason])) or words.NOTHING


def often(row: Row, story: Story) -> str:
    """How often a limit was red, where it was judged more than once."""
    if row.judged < 2:
        return ""
    times = f"{row.judged} {'rounds' if story.rounds else 'times'}"
    said = [f"red in {row.red} of {times}{_from_to(row)}"] if row.red else []
    said += [f"not told in {row.unknown} of {times}"] if row.unknown else []
    return "; ".join(said) or f"judged in {times}"


def and_so(finding: Finding[Row]) -> str:
    """How many limits are not OK because of another, and the first of them by name."""
    return findings.and_so(finding.cause.verdict, [row.verdict for row in finding.effects])


def by_reason(finding: Finding[Row]) -> list[tuple[str, list[Row]]]:
    """The effects by what they say, each reason once, and none that the cause has said."""
    said: dict[str, list[Row]] = {}
    for row in finding.effects:
        reason = row.verdict.reason
        said.setdefault("" if reason == finding.cause.verdict.reason else reason, []).append(row)
    return list(said.items())


def call(row: Row, story: Story) -> str:
    """Whom the breach calls and by when, where the runbook says so."""
    verdict = row.verdict
    if verdict.outcome is not Outcome.BREACHED or not verdict.severity:
        return ""
    found = story.run_of(row.target).table("calls").table(verdict.severity.word)
    terms = [("answer", found.text("respond")), ("solve", found.text("resolve"))]
    promised = ", ".join(f"{verb} within {time}" for verb, time in terms if time)
    return ": ".join(filter(None, [found.text("call"), promised]))


def read_at(section: str, story: Story, target: str = "") -> str:
    """Where that section of the runbook is read; empty where the journal does not say, or says no web page."""
    found = story.run_of(target).table("pages").text(section)
    return found if _WEB.fullmatch(found) else ""


def _rounds(story: Story) -> str:
    if not story.rounds:
        return ""
    missed = f", {words.many(story.missed, 'tick')} missed" if story.missed else ""
    return f" {words.many(story.rounds, 'round')}{missed}: each limit is shown at its worst."


def _from_to(row: Row) -> str:
    first, last = words.clock(row.first), words.clock(row.last)
    return f", at {first}" if first == last else f", first at {first}, last at {last}"
