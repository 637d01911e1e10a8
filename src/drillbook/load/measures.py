"""What a profile measures, by the name of the limit that it is held to: `api.p95`, `api.errors`, `api.traffic`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.judging.observation import Observation, missing
from drillbook.judging.verdict import titled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.load.child import Told
    from drillbook.load.result import Result
    from drillbook.system.target import Target

_PERCENTILE = re.compile(r"api\.p(\d{1,2}(?:\.\d+)?)")
ERRORS, TRAFFIC = "api.errors", "api.traffic"
MEASURED = f"api.p95 (or another percentile), {ERRORS}, {TRAFFIC}"


def mistakes_of(told: Told, target: Target) -> Iterator[str]:
    """What is wrong with the names that a profile uses, a line each."""
    sections = target.system.runbook.sections if target.system.runbook else None
    if sections is not None and (title := told.profile.runbook) not in sections:
        yield f"{told.file}: runbook: {title!r} is not among runbook.sections of {target.system.system.name}"
    api = target.of_kind("http", "api")
    for name in told.profile.held_to:
        if not (_PERCENTILE.fullmatch(name) or name in (ERRORS, TRAFFIC)):
            yield f"{told.file}: held_to: {name!r} is nothing that a profile measures: it measures {MEASURED}"
        else:
            try:
                target.limits.named(name, api.name if api else "")
            except Mistakes as mistakes:
                yield f"{told.file}: held_to: {mistakes}"


def not_judged(told: Told, target: Target) -> Iterator[str]:
    """A line for each limit that the profile is held to and that is not judged on this system, with the reason."""
    api = target.of_kind("http", "api")
    for name in told.profile.held_to:
        if why := target.limits.off(titled(name, api.name if api else "")):
            yield f"{told.file}: held_to: {name} is not judged here: {why}"


def observe(name: str, result: Result, *, by: str, of: str) -> Observation:
    """What `result` says about the limit called `name`: a percentile in ms, a share in %, a rate in requests/s."""
    value, unit, reason = _measure(name, result)
    if reason and value is None:
        return missing(reason, by=by, of=of)
    return Observation(value, unit, reason, of=of, by=by, took=result.profile.seconds)


def _measure(name: str, result: Result) -> tuple[float | None, str, str]:
    if result.trouble:
        return None, "", result.trouble
    if not result.requests:
        return None, "", "no request was made"
    if name == ERRORS:
        failed = result.requests - result.served
        return 100 * failed / result.requests, "%", _counted(result, failed)
    if name == TRAFFIC:
        return result.served / result.profile.seconds, "requests/s", _served(result)
    return _percentile(name, result)


def _percentile(name: str, result: Result) -> tuple[float | None, str, str]:
    found = _PERCENTILE.fullmatch(name)
    assert found is not None
    percent = float(found[1])
    beyond = 100 / (100 - percent)  # with fewer, the percentile is but the slowest of them
    if result.served < max(beyond, result.profile.served * result.requests):
        why = f"; mostly: {result.commonest}" if result.commonest else ""
        return None, "", f"{_served(result)}, too few to believe a percentile{why}"
    return result.percentile(percent), "ms", _served(result)


def _served(result: Result) -> str:
    return f"{result.served} of {result.requests} requests served"


def _counted(result: Result, failed: int) -> str:
    return f"{failed} of {result.requests} requests failed" + (f", mostly: {result.commonest}" if failed else "")
