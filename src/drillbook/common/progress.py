"""What takes longer than five seconds says what it is doing and how far it is, in plain lines.

Plain lines on a terminal too: pytest, its workers and docker write there between two of them, and would tear a line
apart that is rewritten in place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from drillbook.common.inert import for_terminal
from drillbook.common.redact import scrub

EVERY = 5.0
LONGEST = 90  # of what is being done, and of what is said to it

Say = Callable[[str], None]


class Tell(Protocol):
    """Takes a fact of a run: the journal's kind for it, and the facts."""

    def __call__(self, kind: str, **facts: Any) -> None: ...


def nobody(_: str) -> None:
    """A `say` for those who have nobody to say it to."""


def through(tell: Tell) -> Say:
    """A `say` that tells each line as a fact of the kind `progress`: to be shown, and not to be journalled."""
    return lambda line: tell("progress", words=line.strip())


@contextmanager
def under_way(
    what: str,
    *,
    say: Say,
    at_most: float | None = None,
    now: Callable[[], str] | None = None,
    every: float | None = None,
) -> Iterator[None]:
    """While the block lasts, says `what` is being done and for how many seconds: every five seconds, one line.

    `at_most` is how many seconds it may take; `now` gives words for how far it is, or what is still missing. Says
    nothing once the block has ended. Whatever goes wrong with saying it is not the block's business.
    """
    speaker = _Speaker(what, say, at_most, now)
    seconds = EVERY if every is None else every
    with suppress(RuntimeError):  # no more threads to be had: then it goes on in silence
        threading.Thread(target=speaker.speak, args=(seconds,), daemon=True, name="drillbook-progress").start()
    try:
        yield
    finally:
        speaker.stop()


@contextmanager
def both_ways(manager: AbstractContextManager[None], entering: str, leaving: str, *, say: Say) -> Iterator[None]:
    """As `manager`; says so where entering or leaving it takes long."""
    with ExitStack() as after, ExitStack() as inside:
        with under_way(entering, say=say):
            inside.enter_context(manager)
        inside.callback(lambda: after.enter_context(under_way(leaving, say=say)))  # the last in is the first out
        yield


@dataclass
class _Speaker:
    what: str
    say: Say
    at_most: float | None
    now: Callable[[], str] | None
    _began: float = field(default_factory=time.monotonic)
    _over: threading.Event = field(default_factory=threading.Event)
    _speaking: threading.Lock = field(default_factory=threading.Lock)

    def speak(self, every: float) -> None:
        while not self._over.wait(every):
            line = self._line()  # not while holding the lock: `now` may hang, and the block must not wait for it
            with self._speaking, suppress(Exception):
                if not self._over.is_set():
                    self.say(line)

    def stop(self) -> None:
        self._over.set()
        with self._speaking:
            pass  # a line that has been begun is finished

    def _line(self) -> str:
        return f"  … {_plain(self.what)}: {self._far()}"

    def _far(self) -> str:
        seconds, words = time.monotonic() - self._began, self._words()
        if self.at_most is None:
            return f"{seconds:.0f} s so far" + (f" ({words})" if words else "")
        return f"{seconds:.0f} of at most {self.at_most:.0f} s" + (f"; {words}" if words else "")

    def _words(self) -> str:
        with suppress(Exception):
            return _plain(self.now().strip()) if self.now else ""
        return ""


def _plain(text: str) -> str:
    shown = for_terminal(scrub(text))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
