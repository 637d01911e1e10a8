"""Traffic that never lets up: each request has the time it is due, and none waits for the one before it.

A thread of its own with an event loop of its own: a service that freezes delays answers, never questions.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from drillbook.drills.ledger.samples import Sample, per_second
from drillbook.probes.failure import crashed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

SECONDS = 2.0  # that one request may take, all of it
MOST_UNDER_WAY = 64
_LEAVE = 0.2  # beyond SECONDS, for what is under way when the traffic stops


@dataclass(frozen=True)
class Told:
    """What one request came to: the status if there was a whole answer, and why it is not `ok`."""

    status: int | None
    reason: str
    ok: bool


@dataclass(frozen=True)
class Stream:
    """Requests of one kind: `ask` sends one, every `every` seconds, the first one `after` so many."""

    name: str
    kind: Literal["read", "write"]
    every: float
    ask: Callable[[], Awaitable[Told]]
    after: float = 0.0


class Traffic:
    """Sends streams of requests from `start` to `stop`: once."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._live, name="drillbook-traffic", daemon=True)
        self._stopping = asyncio.Event()
        self._room = asyncio.Semaphore(MOST_UNDER_WAY)
        self._under_way: set[asyncio.Task[None]] = set()
        self._lock, self._numbers = threading.Lock(), itertools.count()
        self._open: dict[int, float] = {}  # what is due and has no sample yet
        self._samples: list[Sample] = []
        self._epoch = time.time() - time.monotonic()

    def start(self, streams: Sequence[Stream], finish: Callable[[], Awaitable[Any]]) -> None:
        """Begins to send `streams`; `finish` closes what they use. RuntimeError the second time."""
        if self._thread.ident is not None:
            raise RuntimeError("the traffic has begun already")
        self._streams, self._finish, self._loop = streams, finish, asyncio.new_event_loop()
        self._thread.start()

    def stop(self) -> None:
        """Sends nothing more, and waits for what is under way: at most about 2.5 s.

        Does nothing where it never started, or has stopped already.
        """
        if not self._thread.is_alive():
            return
        with suppress(RuntimeError):  # its loop has closed this very moment
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(SECONDS + 2 * _LEAVE)

    def samples(self) -> list[Sample]:
        """What there is so far, in the order in which it was due."""
        with self._lock:
            return sorted(self._samples, key=lambda sample: sample.t)

    def seconds(self) -> list[dict[str, Any]]:
        """As `per_second`: the seconds all of whose requests have ended, so that no entry changes later."""
        with self._lock:
            horizon = min([*self._open.values(), time.monotonic()]) + self._epoch
            samples, running = list(self._samples), self._thread.is_alive()
        return per_second(one for one in samples if not running or one.t < horizon // 1)

    def _live(self) -> None:
        try:
            self._loop.run_until_complete(self._run())
        finally:
            self._loop.close()

    async def _run(self) -> None:
        clocks = [asyncio.create_task(self._clock(stream)) for stream in self._streams]
        await self._stopping.wait()
        await _end(clocks)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=SECONDS + _LEAVE)
        await _end(list(self._under_way))
        await self._finish()

    async def _clock(self, stream: Stream) -> None:
        due = time.monotonic() + stream.after
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self._send(stream, due, next(self._numbers)))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            due += stream.every

    async def _send(self, stream: Stream, due: float, number: int) -> None:
        with self._lock:
            self._open[number] = due
        try:
            async with self._room:
                told = await _told(stream)
            took = time.monotonic() - due
            sample = Sample(due + self._epoch, stream.name, stream.kind, told.status, told.reason, took, told.ok)
            with self._lock:
                self._samples.append(sample)
        finally:
            with self._lock:
                del self._open[number]


async def _told(stream: Stream) -> Told:
    try:
        return await stream.ask()
    except Exception as error:  # ours, not the target's; the next request is due all the same
        return Told(None, crashed(error)["reason"].replace("the probe", "the traffic"), ok=False)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
