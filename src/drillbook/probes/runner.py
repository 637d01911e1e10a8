"""The one thread that waits for targets: an event loop that nothing a target does can hold up.

A caller gets its answer or a TimeoutError at the deadline, whatever the coroutine is doing by then. A deadline counts
the time in which we listened: what we were late ourselves is no silence of the target's.
"""

from __future__ import annotations

import asyncio
import contextvars
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from drillbook.probes.failure import TooBusy, Unresolved
from drillbook.probes.lateness import Stopwatch, TimedLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

LONGER = 2.0  # how many times its deadline something may take because we are late
_ENOUGH = 0.01  # seconds of listening that are not worth waiting for

_lookups: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("lookups", default=None)
_lock = threading.Lock()
_running: list[asyncio.AbstractEventLoop] = []


def run(coroutine: Coroutine[Any, Any, T], *, within: float) -> T:
    """What `coroutine` returns, or its exception; TimeoutError after `within` seconds, even if it will not end."""
    loop = _loop()
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result(within)
    except BaseException:
        if not future.done():
            future.cancel()
            _abandon(loop)
        raise


async def hurried(coroutine: Coroutine[Any, Any, T], seconds: float) -> T:
    """What `coroutine` returns; TimeoutError once we have listened for `seconds`, or why that proves nothing.

    That is Unresolved if a name lookup was what took so long, and TooBusy if we were so late ourselves that even
    after twice the time we had not listened long enough. A coroutine that ignores its cancellation is left behind,
    not waited for.
    """
    lookups: list[str] = []
    before = _lookups.set(lookups)
    task = asyncio.ensure_future(coroutine)
    _lookups.reset(before)
    try:
        with Stopwatch() as watch:
            while (left := _left(watch, seconds)) > 0 and not task.done():
                await asyncio.wait({task}, timeout=left)
        if task.done():
            return task.result()
    finally:
        task.add_done_callback(_heard)
        task.cancel()
    if lookups:
        raise Unresolved(f"the name {lookups[0]} did not resolve within {seconds:g} s")
    if _unheard(watch, seconds) > _ENOUGH:
        took, late = watch.timed()["took"], watch.timed()["late"]
        raise TooBusy(f"no answer within {took:.1f} s, for {late:.1f} s of which we were late ourselves", late)
    raise TimeoutError(f"no answer within {seconds:g} s")


def _left(watch: Stopwatch, seconds: float) -> float:
    """How long to wait: until we have listened for `seconds`, or LONGER times that are over."""
    unheard = _unheard(watch, seconds)
    return min(unheard, LONGER * seconds - watch.timed()["took"]) if unheard > _ENOUGH else 0.0


def _unheard(watch: Stopwatch, seconds: float) -> float:
    timed = watch.timed()
    return seconds - (timed["took"] - timed["late"])


class _Loop(TimedLoop):
    """An event loop that looks names up in daemon threads: the usual pool would hold up the exit."""

    async def getaddrinfo(self, host: Any, port: Any, **how: Any) -> Any:
        """As `socket.getaddrinfo`; remembers that the lookup is under way."""
        lookups, looked_up = _lookups.get(), aside(partial(socket.getaddrinfo, host, port, **how))
        if lookups is None:
            return await looked_up
        lookups.append(str(host))
        found = await looked_up
        lookups.remove(str(host))
        return found


async def aside(work: Callable[[], T]) -> T:
    """What `work` returns, or its exception: done by a daemon thread, for it may hang, and hold up no exit."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()
    threading.Thread(target=_do, args=(loop, answer, work), daemon=True).start()
    return await answer


def _do(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], work: Callable[[], Any]) -> None:
    try:
        found, error = work(), None
    except Exception as caught:  # whatever it is, it is the caller's
        found, error = None, caught
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, answer, found, error)


def _settle(answer: asyncio.Future[Any], found: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(found)
    else:
        answer.set_exception(error)


def _heard(task: asyncio.Future[Any]) -> None:
    """Takes note of an abandoned task's exception, which asyncio would otherwise print."""
    if not task.cancelled():
        task.exception()


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        if not _running:
            loop = _Loop()
            threading.Thread(target=loop.run_forever, name="drillbook-probes", daemon=True).start()
            _running.append(loop)
        return _running[0]


def _abandon(loop: asyncio.AbstractEventLoop) -> None:
    """Gives up a loop that missed a deadline: something may be blocking it, and the next caller must not wait."""
    with _lock:
        if loop in _running:
            _running.remove(loop)
