"""Times that were measured, as observations that can be made anew: live, once, with nothing else under way."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from drillbook.judging.observation import Observation, missing
from drillbook.probes.failure import crashed
from drillbook.probes.runner import LONGER, run
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service

_PATIENCE = 2.0  # seconds beyond the deadline that the reader keeps itself


class Noun(Protocol):
    """What is asked: it works its answers out from readings."""

    service: Service
    readings: Readings


N = TypeVar("N", bound=Noun)


def of_time(noun: N, what: str, timed: Mapping[str, Any], ask: Callable[[N], Observation]) -> Observation:
    """How long it took, in ms, as `timed` holds it; `ask` is the question, to be put again once `what` is read anew."""
    return Observation(
        timed["took"] * 1000,
        "ms",
        reason=timed.get("fewer", ""),
        took=timed["took"],
        late=timed.get("late", 0.0) * 1000,
        beside=timed.get("beside", 0),
        again=again(noun, what, ask, timed),
    )


def again(
    noun: N, what: str, ask: Callable[[N], Observation], page: Mapping[str, Any]
) -> Callable[[], Observation] | None:
    """`anew` with these arguments; None where that may not be: something hangs, or a budget is kept."""
    hangs = noun.readings.hangs or page.get("silent") or page.get("budget")
    return None if hangs else partial(anew, noun, what, ask)


def anew(noun: N, what: str, ask: Callable[[N], Observation]) -> Observation:
    """What `noun` answers to `ask` once `what` (a page, a login, a PING) has been read again, now and alone."""
    service, readings = noun.service, noun.readings
    within = LONGER * service.declared.longest + _PATIENCE
    try:
        first = run(kinds()[service.kind].reading.anew(service, what, readings.first), within=within)
    except Exception as error:
        return missing(crashed(error)["reason"])
    return ask(replace(noun, readings=replace(readings, first=first)))  # type: ignore[type-var]
