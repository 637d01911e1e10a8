"""What the runs of a project asked of a target, as far as a budget that comes back still counts it: in one file.

A run takes its share before it asks, under the file's lock: runs at the same time share a budget, and what a killed
one was about to ask counts. The times are the wall clock's; what lies in its future counts from now on.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import time
from dataclasses import asdict, dataclass, replace
from typing import IO, TYPE_CHECKING, Any, TypeVar

from drillbook.common.polling import until
from drillbook.system.addresses import make_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drillbook.system.budgets import Budget

T = TypeVar("T")
Key = tuple[str, str]  # a service, and a page of it; "" is the service as a whole
_LEFT_ALONE = 60.0  # seconds after which a file that could not be used is tried again
_PATIENCE = 1.0  # seconds for a lock that others hold for less than a hundredth of one
_PARTS = 60  # of a budget's time: what one run asks within one of them is one line
_EARLY, _EARLIEST = 0.05, 5.0  # of a budget's time, and in seconds: a run that comes so early is as good as in time


@dataclass(frozen=True)
class Grant:
    """How many questions a run may ask, how many others did, and where it may ask none, in how many seconds again."""

    count: int
    others: int = 0
    again: float = math.inf


@dataclass(frozen=True)
class Asked:
    """What a run asked: a line of the file."""

    at: float
    run: str
    service: str
    page: str
    count: int

    @classmethod
    def parse(cls, line: str) -> Asked:
        """The line of the file; ValueError or TypeError where it is none."""
        found = cls(**json.loads(line))
        if not (isinstance(found.count, int) and found.count > 0 and math.isfinite(found.at)):
            raise ValueError(line)
        return found


class Memory:
    """The memory at `path`, of the run that is called `run`, for budgets that last for `longest` seconds at most.

    Where the file cannot be read or written, a run knows of itself alone, and `lines` says so.
    """

    def __init__(self, path: Path, run: str, longest: float) -> None:
        self._path, self._run, self._longest = path, run, longest
        self.lines: list[str] = []
        self._lost = -math.inf  # when it could not be used last
        self._said: set[str] = set()

    def grant(self, key: Key, budget: Budget, wanted: int, *, least: int) -> Grant:
        """As many of the `wanted` questions as there is room for, which are taken; none where it is less than `least`.

        A run that is alone within the budget's time keeps the budget by itself.
        """

        def take(asked: list[Asked]) -> Grant:
            now = time.time()
            counted = [one for one in asked if (one.service, one.page) == key and one.at > now - _lasts(budget)]
            others = sum(one.count for one in counted if one.run != self._run)
            room = budget.count - sum(one.count for one in counted) if others else wanted
            count = min(wanted, room) if room >= least else 0
            self._add(asked, key, budget, count)
            return Grant(count, others, math.inf if count else _again(counted, budget, least) - now)

        return self._change(take, Grant(wanted))

    def correct(self, key: Key, budget: Budget, by: int) -> None:
        """Counts so many more than were taken, or, below 0, so many less."""
        self._change(lambda asked: self._add(asked, key, budget, by) if by > 0 else self._less(asked, key, -by), None)

    def _mine(self, asked: list[Asked], key: Key) -> list[int]:
        """Where the lines are that this run wrote, the newest first."""
        return [at for at, one in enumerate(asked) if (one.run, one.service, one.page) == (self._run, *key)][::-1]

    def _add(self, asked: list[Asked], key: Key, budget: Budget, count: int) -> None:
        now, part = time.time(), budget.seconds / _PARTS
        for at in self._mine(asked, key)[:1]:
            if asked[at].at // part == now // part:
                count += asked.pop(at).count
        if count:
            asked.append(Asked(now, self._run, *key, count))

    def _less(self, asked: list[Asked], key: Key, count: int) -> None:
        for at in self._mine(asked, key):
            gone = min(count, asked[at].count)
            asked[at] = replace(asked[at], count=asked[at].count - gone)
            count -= gone

    def _change(self, change: Callable[[list[Asked]], T], otherwise: T) -> T:
        """What `change` makes of what is remembered, which is then what is remembered."""
        if abs(time.time() - self._lost) < _LEFT_ALONE:
            return otherwise
        try:
            make_private(self._path.parent)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
            with os.fdopen(os.open(self._path, flags, 0o600), "r+", encoding="utf-8", errors="replace") as file:
                if not until(lambda: _is_locked(file), within=_PATIENCE, every=0.01):
                    raise BlockingIOError(0, "another process holds it")
                asked = self._read(before := file.read())
                found = change(asked)
                after = "".join(f"{json.dumps(asdict(one))}\n" for one in asked if one.count)
                if after != before:
                    file.seek(0)
                    file.write(after)
                    file.truncate()
                return found
        except OSError as error:
            self._lost = time.time()
            self._say(f"{error.strerror or error}: what other runs ask is not known, budgets count this one alone")
            return otherwise

    def _read(self, text: str) -> list[Asked]:
        now, found = time.time(), list[Asked]()
        for line in text.splitlines():
            try:
                found.append(Asked.parse(line))
            except (ValueError, TypeError, RecursionError, OverflowError):
                self._say("it has lines that make no sense, which are left out: other runs may have asked more")
        return [replace(one, at=min(one.at, now)) for one in found if one.at > now - self._longest]

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            self.lines.append(f"{self._path}: {what}")


def _lasts(budget: Budget) -> float:
    """For how many seconds a question counts."""
    return budget.seconds - min(budget.seconds * _EARLY, _EARLIEST)


def _again(counted: list[Asked], budget: Budget, least: int) -> float:
    """When there is room for the `least` again; never where there is none in the whole budget."""
    room = budget.count - sum(one.count for one in counted)
    for one in sorted(counted, key=lambda one: one.at):
        room += one.count
        if room >= least:
            return one.at + _lasts(budget)
    return math.inf


def _is_locked(file: IO[Any]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
