"""`--every`: the selected checks again and again in one process, at a fixed rate.

A round that takes longer than the interval costs the ticks it ran over, which are counted and said: rounds never
pile up. At the end pytest is shown each check as it was at its worst.
"""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from _pytest.assertion import pytest_runtest_protocol
from _pytest.runner import runtestprotocol

from drillbook.common.inert import for_terminal
from drillbook.common.polling import sleep_until
from drillbook.judging.finding import and_so, findings
from drillbook.judging.line import line
from drillbook.judging.verdict import Outcome, worst_first
from drillbook.plugin.judging import reset
from drillbook.system.kinds import ups

if TYPE_CHECKING:
    from drillbook.judging.verdict import Verdict
    from drillbook.plugin.controller import Controller
    from drillbook.plugin.measuring import Measuring
    from drillbook.plugin.record import Record

Reports = list[pytest.TestReport]


class Rounds:
    """Runs the rounds; `count` ends them after so many, None never."""

    def __init__(self, every: float, count: int | None, controller: Controller, measuring: Measuring) -> None:
        self._every, self._count = every, count
        self._controller, self._measuring = controller, measuring
        self._worst: dict[str, Reports] = {}
        self._before: dict[str, dict[str, Outcome]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Takes the place of pytest's single pass over the items."""
        if session.testsfailed or session.config.option.collectonly or not session.items:
            return None  # what pytest makes of that is right for rounds too
        due = time.monotonic()
        missed = 0
        for number in itertools.count(1) if self._count is None else range(1, self._count + 1):
            failed = self._round(session, number, missed)
            if failed and session.config.getvalue("maxfail"):
                break
            late = max(0.0, time.monotonic() - due - self._every)
            missed = int(late // self._every) + 1 if late else 0
            due += self._every * (1 + missed)
            if number != self._count:
                sleep_until(due)
        self._show(session)
        return True

    def _round(self, session: pytest.Session, number: int, missed: int) -> bool:
        began = time.monotonic()
        self._controller.begin_round(number)
        if number > 1:
            self._measuring.again()
        following = [*session.items[1:], None]
        for item, after in zip(session.items, following, strict=True):
            reset(item)
            with contextmanager(pytest_runtest_protocol)(item):  # which hears of asserts
                self._keep(item, runtestprotocol(item, log=False, nextitem=after))
        took, late = time.monotonic() - began, self._measuring.late
        failed = self._controller.end_round(number, missed=missed, took=took, late=late)
        self._say(number, missed)
        return failed

    def _keep(self, item: pytest.Item, reports: Reports) -> None:
        for report in reports:
            self._controller.take(report)
        kept = self._worst.get(item.nodeid)
        if kept is None or (_failed(reports) and not _failed(kept)):
            self._worst[item.nodeid] = reports

    def _say(self, number: int, missed: int) -> None:
        """One line for the round, and one for each limit that has changed since the round before."""
        outcomes = [verdict.outcome for record in self._controller.records for verdict in record.in_round]
        words = ", ".join(f"{outcomes.count(one)} {one.value}" for one in Outcome if one in outcomes)
        ticks = f", {missed} ticks missed before it" if missed else ""
        self._controller.write_line(f"round {number}: {words}{ticks}")
        for record in self._controller.records:
            self._say_what_changed(record)
        for inquiry in self._measuring.inquiries:
            whose = f"{inquiry.target.name} " if inquiry.several else ""
            for said in inquiry.turns.lines:
                self._controller.write_line(f"  {for_terminal(whose + said)}")
            inquiry.turns.lines.clear()

    def _say_what_changed(self, record: Record) -> None:
        before = self._before.get(record.target.name, {})
        changed = [one for one in worst_first(record.in_round) if _has_changed(one, before)]
        for finding in findings(changed, lambda verdict: verdict, ups()):
            self._tell(record, finding.cause)
            if finding.effects:
                self._controller.write_line(f"    {for_terminal(and_so(finding.cause, finding.effects))}")
        for verdict in changed:
            if verdict.outcome is Outcome.OK:
                self._tell(record, verdict)
        self._before[record.target.name] = {verdict.title: verdict.outcome for verdict in record.in_round}

    def _tell(self, record: Record, verdict: Verdict) -> None:
        told = line(verdict, record.target.name, several=record.several, page=record.target.page(verdict.source))
        self._controller.write_line(f"  {for_terminal(told)}")

    def _show(self, session: pytest.Session) -> None:
        """Gives pytest's own reporters each check once, as it was at its worst."""
        with self._controller.replaying():
            for item in session.items:
                for report in self._worst[item.nodeid]:
                    item.ihook.pytest_runtest_logreport(report=report)


def _has_changed(verdict: Verdict, before: dict[str, Outcome]) -> bool:
    return before.get(verdict.title, Outcome.OK) is not verdict.outcome is not Outcome.SKIPPED


def _failed(reports: Reports) -> bool:
    return any(report.failed for report in reports)
