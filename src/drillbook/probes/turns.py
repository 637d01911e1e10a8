"""Whose turn it is to be asked: what hangs waits longer each time, what refused waits as it said, a budget is kept.

A run has one of these. What is not asked keeps its last answer, with when that was, or a reason why there is none:
what is left out is never green.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import failure
from drillbook.probes.spending import Spending
from drillbook.probes.turn import TOO_MANY, Turn, ask_less, is_silence, not_asked, silence_in, unasked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from drillbook.probes.memory import Memory
    from drillbook.probes.spending import Share
    from drillbook.probes.turn import Page
    from drillbook.system.target import Service

    Reading = dict[str, Any]

_INTERVALS = 10  # as many, or so many seconds, are the longest that anything waits for its turn
_SECONDS = 300.0
_WHOLE = ""  # in place of a question's name: the service

_heeded: ContextVar[Turns | None] = ContextVar("turns", default=None)


def turn_of(service: Service) -> Turn:
    """The service's turn in the round that is under way; one without bounds where none is."""
    turns = _heeded.get()
    return turns.under_way(service) if turns else Turn()


@dataclass(frozen=True)
class _Wait:
    """Since when somebody waits for his turn, for how long, and what is told meanwhile."""

    at: float
    gap: float
    told: dict[str, Any]


class Turns:
    """The turns of a run with a round every `every` seconds, 0 for one that is not repeated.

    Without `growing` a mute service is asked its one question in every round, and a page that hangs in every other
    one, between which the rest is asked: in a copy of our own, which is there for that. `lines` says what is mute and
    when it is asked again, since somebody read it. What `spending` leaves room for is asked: budgets are kept.
    """

    def __init__(self, every: float = 0.0, *, growing: bool = True, memory: Memory | None = None) -> None:
        self._every, self._growing = every, growing
        self._mute: dict[tuple[str, str], _Wait] = {}
        self._refused: dict[tuple[str, str], _Wait] = {}
        self._under_way: dict[str, Turn] = {}
        self.spending = Spending(every, memory)
        self.lines: list[str] = []

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Whatever is asked within keeps to these turns."""
        before = _heeded.set(self)
        try:
            yield
        finally:
            _heeded.reset(before)

    def begin(self, service: Service, cost: Callable[[], int]) -> Reading | None:
        """Begins a round: what is told of a service that is not asked; None where it is, which `cost` so much."""
        self._forget_what_nobody_asks(service)
        told = self._told_of_mute(service)
        why = "" if told else self.spending.refusal(service, cost)
        if not told and not why:
            self._under_way[service.name] = self._turn(service, self.spending.endpoints(service))
            return None
        error = silence_in(told) or failure("unknown", why)
        self._under_way[service.name] = Turn(whole=not_asked(error))
        return {**(told or {"error": error}), "kept": error["reason"], "asked": 0}

    def begin_for_others(self, service: Service) -> None:
        """Begins a round for what is asked on behalf of other services."""
        self._forget_what_nobody_asks(service)
        silence = silence_in(self._told_of_mute(service))
        self._under_way[service.name] = Turn(whole=not_asked(silence)) if silence else self._turn(service, {})

    def under_way(self, service: Service) -> Turn:
        """The turn of the round that is under way; where this process begins none, the one that there is."""
        return self._under_way.setdefault(service.name, Turn())

    def count(self, service: Service, reading: Reading) -> None:
        """Takes note of how much a service was asked."""
        self.spending.count(service, reading.get("asked", 0))

    def end(self, service: Service, reading: Reading) -> Reading:
        """What was read in a round that ends, with what its turn found out; what is mute waits from then on."""
        turn = self.under_way(service)
        if turn.whole:
            return reading
        found = reading | turn.found
        if turn.mute and "error" not in reading:
            self._wait(service, turn, _WHOLE, found)
        else:
            self._mute.pop((service.name, _WHOLE), None)
        return found

    def _forget_what_nobody_asks(self, service: Service) -> None:
        """Has nothing wait behind a question whose turn it was, and that was not put though nothing hung."""
        turn = self.under_way(service)
        wait = self._mute.get((service.name, turn.last))
        if turn.last and wait and wait.at < turn.at and not turn.hangs:
            self._mute.pop((service.name, turn.last))

    def _turn(self, service: Service, shares: Mapping[str, Share]) -> Turn:
        most = {page: share.count for page, share in shares.items()}
        left = {page: unasked(share.why, for_now=share.for_now) for page, share in shares.items() if share.why}
        refusals, mute = self._waiting(self._refused, service), self._waiting(self._mute, service)
        refused = {what: self._told(service, wait) for what, wait in refusals.items() if _over(wait) < 0}
        due = [what for what, wait in mute.items() if self._is_due(wait) and what not in left]
        last = min(due, key=lambda what: mute[what].at, default="")
        silent = {what: self._told(service, wait, due=what in due) for what, wait in mute.items()}
        turn = Turn(left | refused | silent, last, most, time.monotonic())
        turn.tell = partial(self._hear, service, turn)
        return turn

    def _hear(self, service: Service, turn: Turn, what: str, page: Page) -> None:
        """A question was answered, or not; once one that hung has been, all are asked again."""
        key = service.name, what
        if what in turn.most:
            self.spending.count(service, 1, what)
        self._refused.pop(key, None)
        if page["status"] == TOO_MANY:
            self._refused[key] = _Wait(time.monotonic(), page.get("retry") or 0.0, page)
        if page.get("silent") and what != turn.speaks:
            self._wait(service, turn, what, page)
        elif key in self._mute:
            for other in self._waiting(self._mute, service) if _is_well(page) else [what]:
                self._mute.pop((service.name, other))

    def _wait(self, service: Service, turn: Turn, what: str, told: dict[str, Any]) -> None:
        before = self._mute.get((service.name, what))
        if before and before.at == turn.at:
            return  # it is known in this round
        longest = min(_INTERVALS * self._every, max(_SECONDS, self._every))
        gap = min(2 * before.gap, longest) if before else self._every
        gap = gap if self._growing else self._every * (1 if what == _WHOLE else 2)
        self._mute[service.name, what] = _Wait(turn.at, gap, told)
        if self._every and self._growing:
            self.lines.append(f"{f'{service.name} {what}'.rstrip()} is mute: asked again in {gap:g} s")

    def _waiting(self, waits: dict[tuple[str, str], _Wait], service: Service) -> dict[str, _Wait]:
        """The questions to a service that wait."""
        return {what: wait for (name, what), wait in waits.items() if name == service.name and what != _WHOLE}

    def _is_due(self, wait: _Wait) -> bool:
        """Whether what hung may be asked again; a round that comes a little early is as good."""
        return _over(wait) >= -self._every / 2

    def _told(self, service: Service, wait: _Wait, *, due: bool = False) -> Page:
        """What is told in place of an answer to what hung or refused; of several that are `due` one is asked first."""
        page, why = wait.told, wait.told["error"] or failure("unknown", f"it answered {TOO_MANY}")
        step = "" if page["error"] else f": it is asked too often: {ask_less(service)}"
        told = {**why, "reason": f"{why['reason']} {_when(wait, due=due)}{step}", "told": True}
        return {**not_asked(told), **page, "status": None, "body": "", "error": told}

    def _told_of_mute(self, service: Service) -> Reading | None:
        """What was read of a service that is mute, and whose turn it is not; None where it is asked."""
        wait = self._mute.get((service.name, _WHOLE))
        return _annotated(wait.told, _when(wait)) if wait and not self._is_due(wait) else None


def _over(wait: _Wait) -> float:
    """For how many seconds it has been over; negative as long as it is not."""
    return time.monotonic() - wait.at - wait.gap


def _when(wait: _Wait, *, due: bool = False) -> str:
    """When it was asked, and will be again."""
    again = "in a later round" if due else f"in {-_over(wait):.0f} s"
    return f"(asked {time.monotonic() - wait.at:.0f} s ago, again {again})"


def _is_well(page: Page) -> bool:
    """Whether what answered was the service, and it serves: neither a refusal nor a 5xx, which may be a proxy's."""
    status = page["status"] or 0
    return not page["error"] and status != TOO_MANY and status < 500


def _annotated(told: Any, when: str) -> Any:
    """The same, with when that was behind the reason of each silence."""
    if not isinstance(told, dict):
        return told
    if is_silence(told):
        return {**told, "reason": f"{told['reason']} {when}"}
    return {name: _annotated(value, when) for name, value in told.items()}
