"""The controller's side of a run: hears what its checks came to, has it reported, and decides the exit code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.inert import for_terminal
from drillbook.common.redact import scrub
from drillbook.judging.gate import INTERRUPTED, USAGE_ERROR, Ending, Gate, Trouble, worst_of
from drillbook.judging.keeping import prune
from drillbook.plugin.inquiry import ASKS, is_for
from drillbook.plugin.measuring import Measuring
from drillbook.plugin.opening import facts_of, journal_of, kept, shown
from drillbook.plugin.record import Record
from drillbook.plugin.reports import Reports
from drillbook.plugin.selection import selection
from drillbook.plugin.terminal import Terminal
from drillbook.report.summary import summary
from drillbook.report.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from drillbook.plugin.declared import Declarations
    from drillbook.report.section import Section
    from drillbook.system.target import Target

DEFAULT_REPORTCHARS = "fE"


class Controller:
    """One run: its journal, a record for each of its targets, its reports, and what else bears on its end.

    `run` names it; `declare`, where it is given, knows what must have been judged of a target once the run is over;
    `stopped`, whether a signal has ended it.
    """

    def __init__(
        self,
        config: pytest.Config,
        targets: Sequence[Target],
        gate: Gate,
        declare: Callable[[Target], Declarations] | None = None,
    ) -> None:
        self._config, self._gate, self._keep = config, gate, kept(config)
        self._trouble = Trouble()
        self._replaying = False
        self._journal = journal = journal_of(config)
        self.records = [
            Record(one, journal, Ending(gate, trouble=self._trouble), len(targets) > 1, declare and declare(one))
            for one in targets
        ]
        self._reports = Reports(config, journal.folder, [one.name for one in targets]) if journal.folder else None
        self.run = journal.folder.name if journal.folder else targets[0].name
        self.write_line = Terminal(config).write_line
        self.stopped: Callable[[], bool] = lambda: False
        if config.option.reportchars == DEFAULT_REPORTCHARS:
            config.option.reportchars = ""  # our own table at the end says it, causes first
        for one in targets:
            journal.write("run", **facts_of(config, one, gate))

    def pytest_report_header(self) -> list[str]:
        """Says what is checked, and which addresses are not those of `drillbook up`."""
        lines = list[str]()
        for target in (record.target for record in self.records):
            lines.append(f"drillbook: {target.name} ({target.kind}), gate {self._gate.severity.word}")
            lines += [f"drillbook: {name} is taken from the environment" for name in target.overridden]
            lines += [scrub(f"drillbook: ${name}: {note}") for name, note in target.notes.items()]
            lines += [f"drillbook: {name} is not asked: {why}" for name, why in target.elsewhere.items()]
        return [*dict.fromkeys(lines)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes in what a report carries, unless it is only shown again."""
        if not self._replaying:
            self.take(report)

    def take(self, report: pytest.TestReport) -> None:
        """Takes in what a report carries, for the target that it is about, or for all where it says none."""
        about = [str(value) for name, value in report.user_properties if name == ASKS]
        for record in self.records:
            if not about or record.target.name in about:
                record.hear(report)

    def tell(self, kind: str, *, who: str = "", **facts: Any) -> None:
        """Takes a fact of a drill or a profile: journals it, shows a phase as it happens, and keeps a refusal.

        `who` is the xdist worker that it happens in. Progress is for whoever waits, and not journalled; of a mistake
        in a file the verdict says what it is.
        """
        here = f"  {who}  " if who else "  "
        if kind == "progress":
            self.write_line(for_terminal(f"{here}{facts['words']}"), light=True)
            return
        if kind == "mistake":
            self._trouble.native = USAGE_ERROR
            return
        self._journal.write(kind, **facts, **({"worker": who} if who else {}))
        if kind == "phase":
            at = f"{facts['at']:5.1f} s  " if "at" in facts else ""
            self.write_line(for_terminal(f"{here}{at}{facts['phase']}: {facts['words']}"))
        if kind == "refused":
            self._trouble.refused = facts["reason"]

    def leave(self, left: Sequence[str]) -> None:
        """What the run could not remove."""
        self._trouble.left = f"left behind: {', '.join(left)}: run `drillbook sweep`" if left else ""

    def count(self, service: str, requests: int) -> None:
        """So much was asked of a service of the only target beside checks."""
        asked = self.records[0].asked
        asked[service] = asked.get(service, 0) + requests

    def begin_round(self, number: int) -> None:
        """What is taken from now on belongs to the round of that number."""
        for record in self.records:
            record.begin_round(number)

    def end_round(self, number: int, *, missed: int, took: float, late: float) -> bool:
        """Journals the round's end, the ticks missed before it and how late we were; whether it fails the gate."""
        self._journal.write("round", round=number, missed=missed, took=round(took, 3), late=round(late, 3))
        return any(self._gate.fails(verdict) for record in self.records for verdict in record.in_round)

    @contextmanager
    def replaying(self) -> Iterator[None]:
        """While this lasts, reports are for others to show and are not taken in again."""
        self._replaying = True
        yield
        self._replaying = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected ends a run as pytest ends it, whatever the rest measured."""
        if report.failed:
            self._trouble.native = INTERRUPTED

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tells an interruption from xdist's way of obeying `-x` and from our own refusal, which are none."""
        ended = isinstance(excinfo.value, pytest.exit.Exception) and not self._refused()
        if ended or excinfo.type is KeyboardInterrupt:
            self._trouble.native = INTERRUPTED

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
        """Decides the exit code once all other reporters are done, and ends the terminal with the table."""
        try:
            result = yield
        except OSError as error:
            result, self._trouble.lost = None, f"a report could not be written: {error.strerror}"
        for record in self.records:
            record.ending.collected = _collected(session, record)
        if exitstatus in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            self._trouble.native = exitstatus
        self._finish(session)
        return result

    def _measuring(self) -> Measuring | None:
        """What measured, where checks were run in this process."""
        found = self._config.pluginmanager.get_plugin("drillbook-measuring")
        return found if isinstance(found, Measuring) else None

    def _refused(self) -> str:
        measuring = self._measuring()
        return self._trouble.refused or (measuring.refused if measuring else "")

    def _sections(self) -> list[Section]:
        """What reports tell of each target."""
        measuring = self._measuring()
        asked = {one.target.name: one.asked for one in (measuring.inquiries if measuring else ())}
        return [record.section(asked.get(record.target.name, {})) for record in self.records]

    def _finish(self, session: pytest.Session) -> None:
        trouble = self._trouble
        trouble.refused = self._refused()
        self._judge_what_is_declared(session)
        trouble.lost = trouble.lost or self._journal.broken
        sections = self._sections()
        if self._reports:
            trouble.lost = self._reports.write(summary(sections)) or trouble.lost
        self._end(session, sections)
        if self._reports and (lost := self._reports.write_page()):
            trouble.lost = lost
            self._end(session, sections)
        self._journal.close()
        if self._journal.folder:
            prune(self._journal.folder.parent, self._keep)
        for text, markup in table(sections, shown(self._journal.folder)):
            self.write_line(text, **markup)

    def _judge_what_is_declared(self, session: pytest.Session) -> None:
        """What nothing judged is UNKNOWN once a run is whole; of a selection it is said what it leaves out."""
        nothing = not any(record.ending.collected for record in self.records)
        if self._trouble.native or self._trouble.refused or nothing or session.config.option.setuponly:
            return
        for record in self.records:
            if record.declared:
                record.judge_what_is_declared(record.declared, selection(session))

    def _end(self, session: pytest.Session, sections: list[Section]) -> None:
        """Decides the exit code and journals it; the last such line of a journal counts."""
        asked = {one.target.name: one.asked for one in sections} if len(sections) > 1 else sections[0].asked
        if self.stopped():
            self._trouble.native = INTERRUPTED
        exit_code = worst_of(one.ending for one in sections)
        self._journal.write("end", exit=int(exit_code), asked=asked, trouble=self._trouble.lines)
        self._trouble.lost = self._trouble.lost or self._journal.broken
        session.exitstatus = worst_of(one.ending for one in sections)


def _collected(session: pytest.Session, record: Record) -> int:
    """How many checks there were for the record's target; of those in xdist's workers the reports tell."""
    items = [item for item in getattr(session, "items", ()) if is_for(item, record.target)]
    return max(len(items), len(record.seen), 0 if record.several else session.testscollected)
