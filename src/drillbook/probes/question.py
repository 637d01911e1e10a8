"""What makes a method a question: whatever happens inside, it answers with one observation."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from drillbook.observation import Observation, missing, not_applicable
from drillbook.probes.failure import crashed

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


class Unmeasured(Exception):
    """Why there is no value; with `applies` False, why the question makes no sense here."""

    def __init__(self, reason: str, *, applies: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.applies = reason, applies


class Noun(Protocol):
    """What is asked."""

    @property
    def by(self) -> str:
        """Who answers: "redis 127.0.0.1:6379"."""


N = TypeVar("N", bound=Noun)


def question(method: Callable[Concatenate[N, P], Observation]) -> Callable[Concatenate[N, P], Observation]:
    """Makes `method` return an observation always: Unmeasured becomes a missing one, and so does a crash."""

    @functools.wraps(method)
    def asked(self: N, /, *parts: P.args, **named: P.kwargs) -> Observation:
        try:
            answer = method(self, *parts, **named)
        except Unmeasured as error:
            answer = (missing if error.applies else not_applicable)(error.reason)
        except Exception as error:
            answer = missing(crashed(error)["reason"])
        return answer if answer.by else replace(answer, by=_by(self))

    return asked


def question_of(method: Callable[[N, str], Observation]) -> Callable[[N, str], Observation]:
    """As `question`, for a method whose one argument says which part is asked about; the observation names it."""
    ask = question(method)

    @functools.wraps(method)
    def asked(self: N, part: str, /) -> Observation:
        return replace(ask(self, part), of=part)

    return asked


def no(reason: str) -> Observation:
    """The answer no, and why."""
    return Observation(False, reason=reason)


def needs(answer: Observation, name: str) -> None:
    """Goes on only if `answer`, the judgement called `name`, is yes: of what is down nothing else is known."""
    if answer.value is not True:
        word = "red" if answer.value is False else "unknown"
        raise Unmeasured(f"{name} is {word}: {answer.reason}", applies=answer.applies)


def number(value: Any, what: str, *, signed: bool = False) -> float:
    """`value` as a finite number, not negative unless `signed`; Unmeasured names `what` where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Unmeasured(f"{what} is {value!r:.60}, which is no number")
    if value < 0 and not signed:
        raise Unmeasured(f"{what} is negative: {value!r:.60}")
    return float(value)


def percent(part: float, whole: float, what: str) -> Observation:
    """`part` of `whole` in %; Unmeasured where the whole is nothing."""
    if whole <= 0:
        raise Unmeasured(f"{what} is 0")
    return Observation(100.0 * part / whole, "%")


def _by(noun: Noun) -> str:
    try:
        return noun.by
    except Exception:
        return ""
