"""`--every`: the selected checks again and again in one process, at a fixed rate.

A round that takes longer than the interval costs the ticks it ran over, which are counted and said: rounds never
pile up. At the end pytest is shown each check as it was at its worst.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import pytest
from _pytest.runner import runtestprotocol

from drillbook.inert import for_terminal
from drillbook.plugin.judging import reset
from drillbook.polling import sleep_until
from drillbook.report.line import line
from drillbook.verdict import Outcome, badness

if TYPE_CHECKING:
    from drillbook.plugin.controller import Controller
    from drillbook.plugin.measuring import Measuring
    from drillbook.verdict import Verdict

Reports = list[pytest.TestReport]


class Rounds:
    """Runs the rounds; `count` ends them after so many, None never."""

    def __init__(self, every: float, count: int | None, controller: Controller, measuring: Measuring) -> None:
        self._every, self._count = every, count
        self._controller, self._measuring = controller, measuring
        self._worst: dict[str, Reports] = {}
        self._before: dict[str, Outcome] = {}

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
            self._keep(item, runtestprotocol(item, log=False, nextitem=after))
        verdicts = self._controller.end_round(missed=missed, took=time.monotonic() - began)
        self._say(number, missed, verdicts)
        return any(self._controller.fails(verdict) for verdict in verdicts)

    def _keep(self, item: pytest.Item, reports: Reports) -> None:
        for report in reports:
            self._controller.take(report)
        kept = self._worst.get(item.nodeid)
        if kept is None or (_failed(reports) and not _failed(kept)):
            self._worst[item.nodeid] = reports

    def _say(self, number: int, missed: int, verdicts: list[Verdict]) -> None:
        """One line for the round, and one for each limit that has changed since the round before."""
        counts = {outcome: sum(one.outcome is outcome for one in verdicts) for outcome in Outcome}
        words = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
        ticks = f", {missed} ticks missed before it" if missed else ""
        self._controller.write_line(f"round {number}: {words}{ticks}")
        for verdict in sorted(verdicts, key=badness, reverse=True):
            if self._before.get(verdict.title, Outcome.OK) is not verdict.outcome is not Outcome.SKIPPED:
                self._controller.write_line("  " + for_terminal(line(verdict, self._controller.target.name)))
        self._before = {verdict.title: verdict.outcome for verdict in verdicts}

    def _show(self, session: pytest.Session) -> None:
        """Gives pytest's own reporters each check once, as it was at its worst."""
        with self._controller.replaying():
            for item in session.items:
                for report in self._worst[item.nodeid]:
                    item.ihook.pytest_runtest_logreport(report=report)


def _failed(reports: Reports) -> bool:
    return any(report.failed for report in reports)
