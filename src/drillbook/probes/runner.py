"""The one thread that waits for targets: an event loop that nothing a target does can hold up.

A caller gets its answer or a TimeoutError at the deadline, whatever the coroutine is doing by then.
"""

from __future__ import annotations

import asyncio
import contextvars
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from drillbook.probes.failure import Unresolved

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

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
    """What `coroutine` returns; TimeoutError after `seconds`, or Unresolved if a name lookup was what took so long.

    A coroutine that ignores its cancellation is left behind, not waited for.
    """
    lookups: list[str] = []
    before = _lookups.set(lookups)
    task = asyncio.ensure_future(coroutine)
    _lookups.reset(before)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
    finally:
        task.add_done_callback(_heard)
        task.cancel()
    if lookups:
        raise Unresolved(f"the name {lookups[0]} did not resolve within {seconds:g} s")
    raise TimeoutError(f"no answer within {seconds:g} s")


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that looks names up in daemon threads: the usual pool would hold up the exit."""

    async def getaddrinfo(self, host: Any, port: Any, **how: Any) -> Any:
        """As `socket.getaddrinfo`; remembers that the lookup is under way."""
        lookups = _lookups.get()
        answer: asyncio.Future[Any] = self.create_future()
        threading.Thread(target=self._look_up, args=(answer, host, port, how), daemon=True).start()
        if lookups is None:
            return await answer
        lookups.append(str(host))
        found = await answer
        lookups.remove(str(host))
        return found

    def _look_up(self, answer: asyncio.Future[Any], host: Any, port: Any, how: dict[str, Any]) -> None:
        try:
            found, error = socket.getaddrinfo(host, port, **how), None
        except Exception as caught:  # whatever it is, it is the caller's
            found, error = [], caught
        if not self.is_closed():
            self.call_soon_threadsafe(_settle, answer, found, error)


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
            # not the default selector: this loop must be the kind that psycopg can use
            loop = _Loop(selectors.DefaultSelector())
            threading.Thread(target=loop.run_forever, name="drillbook-probes", daemon=True).start()
            _running.append(loop)
        return _running[0]


def _abandon(loop: asyncio.AbstractEventLoop) -> None:
    """Gives up a loop that missed a deadline: something may be blocking it, and the next caller must not wait."""
    with _lock:
        if loop in _running:
            _running.remove(loop)
