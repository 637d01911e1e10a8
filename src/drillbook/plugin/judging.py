"""Judging, in the process that runs the checks: every check ends with verdicts, or is UNKNOWN for want of one.

Verdicts leave the process as JSON strings in the report's `user_properties`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drillbook.inert import for_terminal
from drillbook.limit import HOUSE
from drillbook.mistakes import Mistakes, Refused
from drillbook.plugin import is_content
from drillbook.redact import scrub
from drillbook.report.line import line
from drillbook.severity import Severity
from drillbook.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from drillbook.gate import Gate
    from drillbook.observation import Observation
    from drillbook.target import Target

PROPERTY = "drillbook"
VERDICTS: pytest.StashKey[list[Verdict]] = pytest.StashKey()


class Judge:
    """What a check calls: `judge("redis.ping", redis.ping())` records a verdict and lets the check go on."""

    def __init__(self, target: Target, item: pytest.Item) -> None:
        self._target, self._item = target, item

    def __call__(self, name: str, observation: Observation) -> Verdict:
        """The verdict of the limit called `name` on `observation`; a name that is no limit fails the check."""
        __tracebackhide__ = True
        try:
            limit = self._target.limits.named(name)
        except Mistakes as mistakes:
            verdict = unknown(self._item, str(mistakes))
        else:
            verdict = limit.judge(observation)
        record(self._item, verdict)
        return verdict


class Judging:
    """The hooks that turn what a check did into verdicts, and failing verdicts into a failed check.

    `tell` is told of what was refused for safety, where anything can be.
    """

    def __init__(self, target: Target, gate: Gate, tell: Callable[..., None] | None = None) -> None:
        self._target, self._gate, self._tell = target, gate, tell

    @pytest.fixture
    def judge(self, request: pytest.FixtureRequest) -> Judge:
        """Judges an observation by the limit of that name, and goes on; the check fails at its end."""
        return Judge(self._target, request.node)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Fails a check, once its function has run, for what it judged; or for having judged nothing."""
        yield
        if is_content(item) and not verdicts_of(item):
            record(item, unknown(item, "this check judged nothing"))
        failing = [verdict for verdict in verdicts_of(item) if self._gate.fails(verdict)]
        if failing:
            pytest.fail("\n".join(for_terminal(line(one, self._target.name)) for one in failing), pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Adds a verdict for what a check raised, and masks secrets in what the report shows."""
        if is_content(item) and call.excinfo is not None:
            self._record_exception(item, call.excinfo)
        report = yield
        report.sections = [(title, for_log(text)) for title, text in report.sections]
        report.longrepr = _for_log(report.longrepr)
        return report

    def _record_exception(self, item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if isinstance(excinfo.value, pytest.skip.Exception | pytest.fail.Exception) and verdicts_of(item):
            return
        if self._tell and isinstance(excinfo.value, Refused):
            self._tell("refused", reason=str(excinfo.value))
        if isinstance(excinfo.value, AssertionError):
            record(item, _plain_assert(item, excinfo))
        elif not isinstance(excinfo.value, pytest.skip.Exception):
            record(item, unknown(item, f"the check crashed: {excinfo.exconly(tryshort=True)}"))


def for_log(text: str) -> str:
    """Captured output, line by line inert and without secrets."""
    return "\n".join(for_terminal(scrub(one)) for one in text.splitlines())


def _for_log(longrepr: Any) -> Any:
    """What pytest shows of a failure or a skip, with whatever a target said in it made inert; else as it is."""
    if isinstance(longrepr, tuple):
        path, number, reason = longrepr
        return path, number, for_log(reason)
    shown = str(longrepr or "")
    return longrepr if for_log(shown) == shown.rstrip("\n") else for_log(shown)


def verdicts_of(item: pytest.Item) -> list[Verdict]:
    """The verdicts that `item` has come to so far."""
    return item.stash.setdefault(VERDICTS, [])


def reset(item: pytest.Item) -> None:
    """Makes `item` ready to be run anew."""
    item.stash[VERDICTS] = []
    item.user_properties.clear()


def record(item: pytest.Item, verdict: Verdict) -> None:
    """Notes a verdict of `item`, scrubbed, and sends it along with the item's report."""
    from dataclasses import replace

    safe = replace(verdict, reason=scrub(verdict.reason), check=item.nodeid)
    verdicts_of(item).append(safe)
    item.user_properties.append((PROPERTY, safe.to_json()))


def unknown(item: pytest.Item, reason: str) -> Verdict:
    """The verdict on an item that nothing was found out by."""
    worst = Severity.CRITICAL
    return Verdict(item.name, Outcome.UNKNOWN, worst, worst, reason=reason, source=HOUSE)


def _plain_assert(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> Verdict:
    worst = Severity.CRITICAL
    reason = excinfo.exconly(tryshort=True).splitlines()[0]
    return Verdict(item.name, Outcome.BREACHED, worst, worst, value=False, reason=reason, source=HOUSE)
