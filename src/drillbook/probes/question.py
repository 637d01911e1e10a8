"""What makes a method a question: whatever happens inside, it answers with one observation."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from drillbook.judging.observation import Observation, missing, not_applicable
from drillbook.probes.failure import crashed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drillbook.system.target import Service


P = ParamSpec("P")


class Unmeasured(Exception):
    """Why there is no value; with `applies` False, why the question makes no sense here.

    `because`, `idle` and, in seconds, `late` are the observation's.
    """

    def __init__(
        self, reason: str, *, applies: bool = True, late: float = 0.0, because: str = "", idle: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.applies, self.late, self.because, self.idle = reason, applies, late, because, idle


class Noun(Protocol):
    """What is asked."""

    service: Service

    @property
    def by(self) -> str:
        """Who answers: "redis 127.0.0.1:6379"."""


N = TypeVar("N", bound=Noun)


def question(method: Callable[Concatenate[N, P], Observation]) -> Callable[Concatenate[N, P], Observation]:
    """Makes `method` return an observation always: Unmeasured becomes a missing one, and so does a crash."""

    @functools.wraps(method)
    def asked(self: N, /, *parts: P.args, **named: P.kwargs) -> Observation:
        try:
            answer = _now(self, method(self, *parts, **named))
        except Unmeasured as error:
            answer = (missing if error.applies else not_applicable)(error.reason)
            answer = replace(answer, late=error.late, because=error.because, idle=error.idle)
        except Exception as error:
            answer = missing(crashed(error)["reason"])
        return replace(answer, by=answer.by or _by(self), service=self.service.name)

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
        because = answer.because or name
        raise Unmeasured(
            f"{name} is {word}: {answer.reason}", applies=answer.applies, late=answer.late, because=because
        )


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


def untold(failed: Mapping[str, Any]) -> Unmeasured:
    """What is to be said of a failure that says nothing about the service."""
    applies, late, because = not failed.get("for_now"), failed.get("late", 0.0), failed.get("because", "")
    return Unmeasured(failed["reason"], applies=applies, late=late, because=because)


def _now(noun: Noun, answer: Observation) -> Observation:
    """The answer; of an earlier round only a no: whatever else was so then may be so no more."""
    kept = getattr(getattr(noun, "readings", None), "first", {}).get("kept")
    says_nothing = answer.value is None or answer.value is False
    return answer if says_nothing or not kept else missing(kept)


def _by(noun: Noun) -> str:
    try:
        return noun.by
    except Exception:
        return ""
