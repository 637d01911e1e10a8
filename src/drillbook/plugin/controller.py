"""The controller's side of a run: collects verdicts, writes the journal and the reports, decides the exit code."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.gate import INTERRUPTED, Ending, Gate
from drillbook.inert import for_terminal
from drillbook.limit import HOUSE
from drillbook.plugin.judging import PROPERTY
from drillbook.plugin.measuring import Measuring
from drillbook.plugin.opening import facts_of, journal_of, shown
from drillbook.report.summary import summary
from drillbook.report.table import table
from drillbook.severity import Severity
from drillbook.verdict import Outcome, Verdict, badness

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from drillbook.target import Target

DEFAULT_REPORTCHARS = "fE"


class Controller:
    """One run: its journal, its verdicts by check, and what else bears on its end.

    `run` names it; `asked` counts what was asked of each service beside checks. Of many rounds the ending keeps each
    limit's worst verdict; the journal has them all.
    """

    def __init__(self, config: pytest.Config, target: Target, gate: Gate) -> None:
        self.target = target
        self._config = config
        self._ending = Ending(gate)
        self._seen: dict[str, int] = {}
        self._skips: dict[str, str] = {}
        self._round: dict[str, Any] = {}
        self._in_round: list[Verdict] = []
        self._replaying = False
        self.asked: dict[str, int] = {}
        self._writing = threading.Lock()  # progress and xdist workers speak from threads of their own
        self._journal = journal_of(config)
        self.run = self._journal.folder.name if self._journal.folder else target.name
        self._own_junit = config.option.xmlpath
        if self._journal.folder:
            config.option.xmlpath = str(self._journal.folder / "junit.xml")
        if config.option.reportchars == DEFAULT_REPORTCHARS:
            config.option.reportchars = ""  # our own table at the end says it, worst first
        self._journal.write("run", **facts_of(config, target, gate))

    def pytest_report_header(self) -> list[str]:
        """Says what is checked, and which addresses are not those of `drillbook up`."""
        lines = [f"drillbook: {self.target.name} ({self.target.kind}), gate {self._ending.gate.severity.word}"]
        lines += [f"drillbook: {name} is taken from the environment" for name in self.target.overridden]
        return lines

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes in what a report carries, unless it is only shown again."""
        if not self._replaying:
            self.take(report)

    def take(self, report: pytest.TestReport) -> None:
        """Takes in the verdicts of a report; each phase repeats what came before, so only what is new counts."""
        carried = [Verdict.from_json(str(text)) for name, text in report.user_properties if name == PROPERTY]
        for verdict in carried[self._seen.get(report.nodeid, 0) :]:
            self._take(verdict)
        self._seen[report.nodeid] = max(len(carried), self._seen.get(report.nodeid, 0))
        if report.skipped:
            self._skip(report.nodeid, _skip_reason(report))
        if report.failed and not self._seen[report.nodeid]:
            self._take(_unexplained(report))

    def tell(self, kind: str, *, who: str = "", **facts: Any) -> None:
        """Takes a fact of a drill or a profile: journals it, shows a phase as it happens, and keeps a refusal.

        `who` is the xdist worker that it happens in. Progress is for whoever waits, and not journalled.
        """
        here = f"  {who}  " if who else "  "
        if kind == "progress":
            self.write_line(for_terminal(f"{here}{facts['words']}"), light=True)
            return
        self._journal.write(kind, **facts, **({"worker": who} if who else {}))
        if kind == "phase":
            at = f"{facts['at']:5.1f} s  " if "at" in facts else ""
            self.write_line(for_terminal(f"{here}{at}{facts['phase']}: {facts['words']}"))
        if kind == "refused":
            self._ending.refused = facts["reason"]

    def leave(self, left: Sequence[str]) -> None:
        """What the run could not remove."""
        self._ending.left = f"left behind: {', '.join(left)}: run `drillbook sweep`" if left else ""

    def begin_round(self, number: int) -> None:
        """What is taken from now on belongs to the round of that number."""
        self._seen, self._in_round, self._round = {}, [], {"round": number}

    def end_round(self, *, missed: int, took: float) -> list[Verdict]:
        """Journals the round's end, with the ticks missed before it; gives the round's verdicts."""
        self._journal.write("round", **self._round, missed=missed, took=round(took, 3))
        return self._in_round

    def fails(self, verdict: Verdict) -> bool:
        """Whether the verdict fails the gate."""
        return self._ending.gate.fails(verdict)

    @contextmanager
    def replaying(self) -> Iterator[None]:
        """While this lasts, reports are for others to show and are not taken in again."""
        self._replaying = True
        yield
        self._replaying = False

    def write_line(self, text: str, **markup: bool) -> None:
        """Writes a line to the terminal, at once: pytest would keep what is written while a test runs."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        with self._writing, capture.global_and_fixture_disabled() if capture else nullcontext():
            if reporter:
                if reporter._tw.width_of_current_line:  # pytest's own ensure_newline does not know of its dots
                    reporter.write_line("")
                reporter.write_line(text, **markup)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected ends a run as pytest ends it, whatever the rest measured."""
        if report.failed:
            self._ending.native = INTERRUPTED

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tells an interruption from xdist's way of obeying `-x` and from our own refusal, which are none."""
        ended = isinstance(excinfo.value, pytest.exit.Exception) and not self._refused()
        if ended or excinfo.type is KeyboardInterrupt:
            self._ending.native = INTERRUPTED

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
        """Decides the exit code once all other reporters are done, and ends the terminal with the table."""
        try:
            result = yield
        except OSError as error:
            result, self._ending.lost = None, f"a report could not be written: {error.strerror}"
        self._ending.collected = max(session.testscollected, len(self._seen))
        if exitstatus in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            self._ending.native = exitstatus
        self._finish(session)
        return result

    def _measuring(self) -> Measuring | None:
        """What measured, where checks were run in this process."""
        found = self._config.pluginmanager.get_plugin("drillbook-measuring")
        return found if isinstance(found, Measuring) else None

    def _refused(self) -> str:
        measuring = self._measuring()
        return self._ending.refused or (measuring.refused if measuring else "")

    def _finish(self, session: pytest.Session) -> None:
        measuring = self._measuring()
        asked = self.asked | (measuring.asked if measuring else {})
        self._ending.refused = self._refused()
        self._ending.lost = self._ending.lost or self._journal.broken
        if self._journal.folder:
            self._write_reports(self._journal.folder, asked)
        self._end(session, asked)
        if self._journal.folder and not self._write_page(self._journal.folder):
            self._end(session, asked)
        self._journal.close()
        for text, markup in table(self.target, self._ending, self._skips, asked, shown(self._journal.folder)):
            self.write_line(text, **markup)

    def _end(self, session: pytest.Session, asked: dict[str, int]) -> None:
        """Decides the exit code and journals it; the last such line of a journal counts."""
        self._journal.write("end", exit=int(self._ending.exit_code()), asked=asked, trouble=self._ending.trouble)
        self._ending.lost = self._ending.lost or self._journal.broken
        session.exitstatus = self._ending.exit_code()

    def _write_reports(self, folder: Path, asked: dict[str, int]) -> None:
        try:
            path = folder / "summary.md"
            path.touch(mode=0o600)
            path.write_text(summary(self.target, self._ending, self._skips, asked), encoding="utf-8")
            if (junit := folder / "junit.xml").exists():
                junit.chmod(0o600)
                if self._own_junit:
                    shutil.copyfile(junit, self._own_junit)
        except OSError as error:
            self._ending.lost = f"the report could not be written: {error.strerror}"

    def _write_page(self, folder: Path) -> bool:
        """Writes the page from what the journal says so far; whether that could be done."""
        from drillbook.report.page import write_page

        try:
            write_page(folder)
        except Exception as error:  # whatever is wrong with the page, the verdicts stand
            self._ending.lost = f"the page could not be written: {getattr(error, 'strerror', None) or repr(error)}"
            return False
        return True

    def _take(self, verdict: Verdict) -> None:
        self._in_round.append(verdict)
        self._journal.verdict(self.target.name, verdict, **self._round)
        kept = {one.title: one for one in self._ending.verdicts} if self._round else {}
        before = kept.get(verdict.title)
        if before is None:
            self._ending.verdicts.append(verdict)
        elif badness(verdict) > badness(before):
            self._ending.verdicts[self._ending.verdicts.index(before)] = verdict
        if verdict.outcome is Outcome.SKIPPED:
            self._skips[verdict.title] = verdict.reason

    def _skip(self, nodeid: str, reason: str) -> None:
        if self._skips.get(nodeid) != reason:
            self._skips[nodeid] = reason
            self._journal.write("skip", check=nodeid, reason=reason)


def _skip_reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(getattr(report, "wasxfail", "") or report.longreprtext or "skipped")


def _unexplained(report: pytest.TestReport) -> Verdict:
    """A failed report that carries no verdict: the worker that ran it has died."""
    reason = (report.longreprtext or "failed without a word").splitlines()[-1]
    worst = Severity.CRITICAL
    return Verdict(report.nodeid, Outcome.UNKNOWN, worst, worst, reason=reason, source=HOUSE, check=report.nodeid)
