"""Reads a ledger back until it has settled: what was acknowledged may take its time to become readable."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.drills.ledger.exchange import Exchange
from drillbook.drills.ledger.history import Account, Outcome, Write, account, unreadable
from drillbook.drills.ledger.reader import read
from drillbook.judging.limit import duration
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.drills.ledger.writer import History
    from drillbook.system.file import Ledger
    from drillbook.system.target import Service

_PAUSE = 0.25  # between two readings
_PATIENCE = 10.0  # with a list that cannot be read
_QUIET = 0.1  # of the time to settle: how long nothing that was missing has turned up


@dataclass(frozen=True)
class Reading:
    """How one ledger is read back: where, whose keys, and against which history."""

    name: str
    declared: Ledger
    service: Service
    history: History
    prefix: str

    async def account(self, *, within: float | None) -> Account:
        """What the ledger comes to now.

        `within` is how many seconds that may take. Where it is shorter than the time to settle, what would still
        have had time to turn up is not judged.
        """
        exchange = Exchange(self.service.address, self.service.headers)
        try:
            return await self._settled(exchange, within)
        finally:
            await exchange.close()

    async def _settled(self, exchange: Exchange, within: float | None) -> Account:
        settles = duration(self.declared.settles)
        patience = max(settles, _PATIENCE) if within is None else within
        seconds = settles if within is None else max(settles, within)
        now = time.monotonic()
        until, began = now + patience, now + min(0.0, patience - seconds)
        settling = Settling(began, seconds)
        while True:
            present, trouble = await self._read(exchange, until)
            found, now = self._account(present, began), time.monotonic()
            if trouble and now >= until:
                return unreadable(found, trouble)
            if not trouble and settling.is_over(self.history.writes(), present, now=now):
                return found
            await asyncio.sleep(_PAUSE)

    async def _read(self, exchange: Exchange, until: float) -> tuple[dict[str, int], str]:
        try:
            return await read(exchange, self.declared.read, until=until), ""
        except Unmeasured as error:
            return {}, error.reason

    def _account(self, present: Mapping[str, int], began: float) -> Account:
        may_lose = self.declared.may_lose or ""
        writes = self.history.writes()  # after the reading: it holds whatever can have been read
        return account(self.name, writes, present, prefix=self.prefix, began=began, may_lose=may_lose)


@dataclass
class Settling:
    """Whether anything more is to be expected of what was acknowledged before `began`.

    It is over when all of it is there, or after `seconds`. It is over earlier when all that is missing has had its
    `seconds` since it was acknowledged, was overtaken by later writes, and none of it has turned up for a while.
    """

    began: float
    seconds: float
    _missing: set[str] = field(default_factory=set)
    _changed: float = 0.0

    def is_over(self, history: list[Write], present: Mapping[str, int], *, now: float) -> bool:
        """Whether the reading that found `present` may be the last."""
        acknowledged = {write.key: write.done for write in history if write.outcome is Outcome.OK and write.done}
        missing = {key for key, done in acknowledged.items() if done < self.began and key not in present}
        if missing != self._missing or not self._changed:
            self._missing, self._changed = missing, now
        if not missing or now - self.began >= self.seconds:
            return True
        newest = max((done for key, done in acknowledged.items() if key in present), default=0.0)
        overdue = all(acknowledged[key] < min(newest, now - self.seconds) for key in missing)
        return overdue and now - self._changed >= self.seconds * _QUIET
