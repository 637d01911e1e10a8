"""Judging, in the process that runs the checks: every check ends with verdicts, or is UNKNOWN for want of one.

Verdicts leave the process as JSON strings in the report's `user_properties`.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from drillbook.common.inert import for_terminal
from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.redact import scrub, scrubbed
from drillbook.judging.limit import HOUSE
from drillbook.judging.line import brief, line
from drillbook.judging.observation import UNSAID, observed
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict
from drillbook.plugin.about import ABOUT, about
from drillbook.plugin.content import is_check, is_content
from drillbook.plugin.inquiry import ASKS, inquiries_of, inquiry_of, is_for
from drillbook.plugin.spoken import parameters, runs_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from decimal import Decimal
    from numbers import Real

    from drillbook.judging.gate import Gate
    from drillbook.judging.observation import Observation
    from drillbook.plugin.inquiry import Inquiry

PROPERTY = "drillbook"
JUDGED_NOTHING = "this check judged nothing: it called no judge, and no assert of its own ran"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
VERDICTS: pytest.StashKey[list[Verdict]] = pytest.StashKey()
ASSERTED: pytest.StashKey[int] = pytest.StashKey()


class Judge:
    """What a check calls: `judge("redis.ping", redis.ping())` records a verdict and lets the check go on."""

    def __init__(self, inquiry: Inquiry, item: pytest.Item) -> None:
        self._inquiry, self._target, self._item = inquiry, inquiry.target, item

    def __call__(self, name: str, observation: Observation | Real | Decimal | bool) -> Verdict:
        """The verdict of the limit called `name` on `observation`; a name that is no limit fails the check.

        A plain number is an observation of the check's own, in the limit's unit; True or False answer yes or no.
        """
        __tracebackhide__ = True
        try:
            verdict = self._verdict(name, observation)
        except Mistakes as mistakes:
            own = f'one of your own is stated in system.toml: [limits."{name}"], own = true, and its severities'
            verdict = unknown(self._item, f"{mistakes} - {own}")
        record(self._item, verdict)
        return verdict

    def _verdict(self, name: str, found: object) -> Verdict:
        limits, observation = self._target.limits, observed(found)
        service = observation.service or self._service(name)
        limit = limits.of_item(name, service, observation.of)
        of = ":".join(filter(None, (limits.label(limit.name, service), observation.of)))
        unit = observation.unit if observation is found and observation.unit != UNSAID else limit.unit
        verdict = self._inquiry.taking.judge(limit, replace(observation, of=of, service=service, unit=unit))
        ours = (one for one in self._item.session.items if is_for(one, self._target))
        return self._inquiry.causes.weigh(verdict, ours)

    def _service(self, name: str) -> str:
        """Whom a check speaks of that brings an observation of its own: the only service that `name` is judged on,
        or the one of them that the check runs for; empty where neither is so."""
        judged_on = self._target.limits.judged_on.get(name)
        if judged_on and len(judged_on) == 1:
            return judged_on[0]
        own = runs_for(self._item).values()
        return next((service for service in own if judged_on is None or service in judged_on), "")


class Judging:
    """The hooks that turn what a check did into verdicts, and failing verdicts into a failed check.

    `tell` is told of what was refused for safety, where anything can be.
    """

    def __init__(self, gate: Gate, tell: Callable[..., None] | None = None) -> None:
        self._gate, self._tell = gate, tell

    @pytest.fixture
    def judge(self, request: pytest.FixtureRequest) -> Judge:
        """Judges an observation by the limit of that name, and goes on; the check fails at its end."""
        return Judge(inquiry_of(request.node), request.node)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Has fixtures keep to turns, too. A check that runs for no one of several targets has nobody to ask."""
        with _in_turn(item):
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Fails a check, once its function has run, for what it judged; or for having judged nothing."""
        item.stash[ASSERTED] = 0  # what fixtures assert is not yet the check's own
        with _in_turn(item):
            yield
        if is_content(item) and not verdicts_of(item):
            asserts = item.stash[ASSERTED] if is_check(item) else 0
            record(item, _held(item, asserts) if asserts else unknown(item, JUDGED_NOTHING))
        failing = [verdict for verdict in verdicts_of(item) if self._gate.fails(verdict)]
        if failing:
            inquiry = inquiry_of(item)
            pytest.fail("\n".join(for_terminal(_line(one, inquiry)) for one in failing), pytrace=False)

    def pytest_assertion_pass(self, item: pytest.Item) -> None:
        """An `assert` of the check's has held: it really ran."""
        item.stash[ASSERTED] = item.stash.get(ASSERTED, 0) + 1

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Adds a verdict for what a check raised, and masks secrets in what the report shows."""
        if is_content(item) and call.excinfo is not None:
            self._record_exception(item, call.excinfo)
        report = yield
        if is_content(item) and (report.skipped or report.failed):
            report.user_properties += [(ABOUT, about(item, one.target)) for one in inquiries_of(item)]
        if ASKS in parameters(item):
            report.user_properties.append((ASKS, str(parameters(item)[ASKS])))
        return hidden(report)

    def _record_exception(self, item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if isinstance(excinfo.value, pytest.skip.Exception | pytest.fail.Exception) and verdicts_of(item):
            return
        if self._tell and isinstance(excinfo.value, Refused):
            self._tell("refused", reason=str(excinfo.value))
        if isinstance(excinfo.value, AssertionError):
            record(item, _plain_assert(item, excinfo))
        elif not isinstance(excinfo.value, pytest.skip.Exception):
            record(item, unknown(item, f"the check crashed: {excinfo.exconly(tryshort=True)}"))


def _in_turn(item: pytest.Item) -> AbstractContextManager[None]:
    """Has what a check asks live keep to turns; a drill's copy and a profile have their own."""
    turns = inquiry_of(item).turns if is_content(item) else None
    return turns.heeded() if turns and is_check(item) else nullcontext()


def _line(verdict: Verdict, inquiry: Inquiry) -> str:
    """What is UNKNOWN because of another limit is told at length by that one."""
    target, several = inquiry.target, inquiry.several
    if verdict.because:
        return brief(verdict, target.name if several else "")
    return line(verdict, target.name, several=several, page=target.page(verdict.source))


def hidden(report: Report) -> Report:
    """`report` with the secrets masked in whatever it shows, and with whatever a target said made inert."""
    report.sections = [(title, for_log(text)) for title, text in report.sections]
    report.longrepr = _for_log(report.longrepr)
    if isinstance(report, pytest.TestReport):
        report.user_properties = [(scrub(name), scrubbed(value)) for name, value in report.user_properties]
    return report


def for_log(text: str) -> str:
    """Captured output, line by line inert, without secrets and without the colours that stand inside of words."""
    return "\n".join(map(for_terminal, scrub(_COLOUR.sub("", text)).splitlines()))


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
    safe = replace(verdict, reason=scrub(verdict.reason), check=item.nodeid)
    verdicts_of(item).append(safe)
    item.user_properties.append((PROPERTY, safe.to_json()))


def unknown(item: pytest.Item, reason: str) -> Verdict:
    """The verdict on an item that nothing was found out by."""
    worst = Severity.CRITICAL
    return Verdict(item.name, Outcome.UNKNOWN, worst, worst, reason=reason, source=HOUSE)


def _held(item: pytest.Item, asserts: int) -> Verdict:
    """The verdict on a check that judges by `assert` alone, where each of them has held."""
    reason = f"{asserts} {'assert' if asserts == 1 else 'asserts'} held"
    return Verdict(item.name, Outcome.OK, None, Severity.CRITICAL, value=True, reason=reason, source=HOUSE)


def _plain_assert(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> Verdict:
    worst = Severity.CRITICAL
    reason = excinfo.exconly(tryshort=True).splitlines()[0]
    return Verdict(item.name, Outcome.BREACHED, worst, worst, value=False, reason=reason, source=HOUSE)
