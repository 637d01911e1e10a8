"""Writes on behalf of clients: a key of its own for each, and what the client may conclude from the answer."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from drillbook.drills.ledger.history import Outcome, Write
from drillbook.drills.ledger.traffic import SECONDS, Told
from drillbook.probes.http.answers import status_line

if TYPE_CHECKING:
    from drillbook.drills.ledger.exchange import Answer, Exchange
    from drillbook.system.file import LedgerWrite

_TELLS_NOTHING = (408, 409)  # a request that came too slowly, a conflict: with whom, if the key is new?


class History:
    """Every write of one ledger; written by the traffic's thread, read by the drill's."""

    def __init__(self) -> None:
        self._writes: dict[str, Write] = {}
        self._changed = threading.Condition()

    def note(self, write: Write) -> None:
        """Adds a write, or what became of it."""
        with self._changed:
            self._writes[write.key] = write
            self._changed.notify_all()

    def writes(self) -> list[Write]:
        """All of them, oldest first."""
        with self._changed:
            return list(self._writes.values())

    def counts(self) -> dict[str, int]:
        """How many were acknowledged, are indeterminate (or under way), and failed."""
        outcomes = [write.outcome for write in self.writes()]
        return {outcome.value: outcomes.count(outcome) for outcome in (Outcome.OK, Outcome.MAYBE, Outcome.FAIL)}

    def wait_for(self, acknowledged: int, *, within: float) -> bool:
        """Whether so many were acknowledged, waiting `within` seconds for it."""
        with self._changed:
            return self._changed.wait_for(lambda: self.counts()[Outcome.OK] >= acknowledged, within)


class Writer:
    """Sends one write after another; each is in `history` before it is sent."""

    def __init__(self, declared: LedgerWrite, exchange: Exchange, history: History, *, prefix: str) -> None:
        self._declared, self._exchange = declared, exchange
        self._history, self._prefix, self._number = history, prefix, 0

    async def write(self) -> Told:
        """Sends the next write, and notes what became of it."""
        self._number += 1
        key = f"{self._prefix}{self._number:06d}"
        self._history.note(Write(key))
        body = {**self._declared.json_, self._declared.key: key}
        answer = await self._exchange.post(self._declared.path, body, seconds=SECONDS)
        outcome, reason = outcome_of(answer, self._declared)
        self._history.note(Write(key, outcome, reason, time.monotonic()))
        return Told(answer.status, reason, outcome is Outcome.OK)


def outcome_of(answer: Answer, declared: LedgerWrite) -> tuple[Outcome, str]:
    """What the client may conclude, and why it is no acknowledgement."""
    if answer.status is None:
        return (Outcome.MAYBE if answer.sent else Outcome.FAIL), answer.reason
    if answer.status in declared.acknowledged:
        return Outcome.OK, ""
    refused = declared.refused
    no = answer.status in refused if refused is not None else _is_no(answer.status)
    return (Outcome.FAIL if no else Outcome.MAYBE), status_line(answer.page, declared.path)


def _is_no(status: int) -> bool:
    return 400 <= status < 500 and status not in _TELLS_NOTHING
