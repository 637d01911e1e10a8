"""What a check that was skipped or failed says: its reason, and what it is about, for which that reason stands."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

from drillbook.judging.limit import HOUSE
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict
from drillbook.plugin.spoken import chosen, parameters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    import pytest

    from drillbook.system.target import Target

ABOUT = "drillbook-about"


def about(item: pytest.Item, target: Target) -> str:
    """The limits that the check's own code names, its services and the item it runs for, as one line of JSON."""
    names, services, items = spoken_of(item, target)
    return json.dumps({"names": sorted(names), "services": services, "items": sorted(items)})


def spoken_of(item: pytest.Item, target: Target) -> tuple[set[str], list[str], set[str]]:
    """As `about`: names of limits, of services, and what the check runs for of these."""
    given = [text for text in parameters(item).values() if isinstance(text, str)]
    services = [one.name for one in chosen(item, target)]
    known = {limit.name for limit in target.limits}
    names = known & {name for text in _texts(item) for name in _readings_of(text, given)}
    items = {one for its in target.limits.items.values() for one in its}
    return names, services, items.intersection(given)


def skip_reason(report: pytest.TestReport) -> str:
    """Why a check was skipped, as it says it."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(getattr(report, "wasxfail", "") or report.longreprtext or "skipped")


def unexplained(report: pytest.TestReport) -> Verdict:
    """The verdict on a failed report that carries no verdict: the worker that ran it has died."""
    reason = (report.longreprtext or "failed without a word").splitlines()[-1]
    worst = Severity.CRITICAL
    return Verdict(report.nodeid, Outcome.UNKNOWN, worst, worst, reason=reason, source=HOUSE, check=report.nodeid)


def _texts(item: pytest.Item) -> Iterator[str]:
    """The constant texts in the check's code: whole names, and the halves of names that are put together."""
    code = getattr(inspect.unwrap(getattr(item, "function", _nothing)), "__code__", None)
    yield from _constants(code) if code else ()
    yield ""


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif inspect.iscode(constant):
            yield from _constants(constant)


def _readings_of(text: str, parameters: list[str]) -> Iterator[str]:
    """`queue.depth` as it is; `.ok` after, and `health.` before, what the check runs for."""
    yield text
    for parameter in parameters:
        yield from (parameter + text, text + parameter)


def _nothing() -> None:
    """What an item without a function of its own runs."""
