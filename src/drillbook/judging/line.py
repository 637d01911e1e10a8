"""One verdict in one line: what the person on call reads first."""

from __future__ import annotations

from drillbook.common.inert import inert
from drillbook.judging.limit import HOUSE, STATED_IN, amount
from drillbook.judging.verdict import Outcome, Verdict

BRIEF = 120


def line(verdict: Verdict, target: str, *, several: bool = False, page: str = "") -> str:
    """`HIGH redis.up: no, connection refused (deal-scout@local, answered by …) - runbook: Redis Unreachable`.

    In a run that asks several targets theirs stands before the title; `page` is where that section is read.
    """
    by = f"answered by {verdict.by.strip()}" if verdict.by else ""
    who = ", ".join(filter(None, ["" if several else target, by]))
    said = f"{head(verdict)} {_named(verdict, target if several else '')}: {_finding(verdict)}"
    origin = f"{_origin(verdict)} {page}".strip()
    return inert(f"{said} ({who}) - {origin}" if who else f"{said} - {origin}")


def brief(verdict: Verdict, target: str = "") -> str:
    """`HIGH redis.up: no, connection refused`: one of several in a line, cut where it is long."""
    words = inert(f"{head(verdict)} {_named(verdict, target)}: {_finding(verdict)}")
    return words if len(words) <= BRIEF else f"{words[:BRIEF]}…"


def head(verdict: Verdict) -> str:
    """The first word or two of the line: the severity of a breach, else the verdict."""
    if verdict.outcome is Outcome.BREACHED and verdict.severity:
        return verdict.severity.name
    if verdict.outcome is Outcome.UNKNOWN and verdict.severity:
        return f"UNKNOWN ({verdict.severity.word})"
    return verdict.outcome.value


def measured(verdict: Verdict) -> str:
    """The value in words, `512 ms`, or a dash where there is none."""
    return "-" if verdict.value is None else amount(verdict.value, verdict.unit)


def _named(verdict: Verdict, target: str) -> str:
    return f"{target} {verdict.title}".strip()


def _finding(verdict: Verdict) -> str:
    if verdict.outcome in (Outcome.UNKNOWN, Outcome.SKIPPED):
        return verdict.reason
    if isinstance(verdict.value, bool) or verdict.outcome is Outcome.OK:
        return ", ".join(filter(None, (measured(verdict), verdict.reason)))
    found = f"{measured(verdict)} {verdict.limit}".strip()
    return f"{found}, {verdict.reason}" if verdict.reason else found


def _origin(verdict: Verdict) -> str:
    said_whole = verdict.source == HOUSE or verdict.source.startswith(STATED_IN)
    return verdict.source if said_whole else f"runbook: {verdict.source}"
