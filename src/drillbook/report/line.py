"""One verdict in one line: what the person on call reads first."""

from __future__ import annotations

from drillbook.inert import inert
from drillbook.limit import HOUSE, amount
from drillbook.verdict import Outcome, Verdict


def line(verdict: Verdict, target: str) -> str:
    """`HIGH redis.up: no, connection refused (deal-scout@local, answered by …) - runbook: Redis Unreachable`."""
    who = f"{target}, answered by {verdict.by}" if verdict.by else target
    return inert(f"{head(verdict)} {verdict.title}: {_finding(verdict)} ({who}) - {_origin(verdict)}")


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


def _finding(verdict: Verdict) -> str:
    if verdict.outcome in (Outcome.UNKNOWN, Outcome.SKIPPED):
        return verdict.reason
    if isinstance(verdict.value, bool) or verdict.outcome is Outcome.OK:
        return ", ".join(filter(None, (measured(verdict), verdict.reason)))
    found = f"{measured(verdict)} {verdict.limit}".strip()
    return f"{found}, {verdict.reason}" if verdict.reason else found


def _origin(verdict: Verdict) -> str:
    return HOUSE if verdict.source == HOUSE else f"runbook: {verdict.source}"
