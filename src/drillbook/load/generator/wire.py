"""The two pipes to the parent: what it says, and what it is told, one JSON object a line.

Standard output belongs to it alone: what a profile prints goes to standard error.
"""

from __future__ import annotations

import json
import os
from _queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NoReturn

from gevent import get_hub, monkey
from gevent.lock import Semaphore

if TYPE_CHECKING:
    from collections.abc import Iterable

IN, OUT, ERRORS = 0, 1, 2
ORPHANED = 1


class Wire:
    """The way to the parent and back; the process ends with either of them."""

    def __init__(self) -> None:
        self._out = os.dup(OUT)
        os.dup2(ERRORS, OUT)
        self._turn = Semaphore()
        self._heard: SimpleQueue[bytes] = SimpleQueue()
        # A thread of the system's, not one of gevent's: it also notices the end while a profile computes or hangs.
        monkey.get_original("_thread", "start_new_thread")(self._listen, ())

    def hear(self) -> dict[str, Any]:
        """What the parent says: waits for it, and lets nothing else run meanwhile."""
        said: dict[str, Any] = json.loads(self._heard.get())
        return said

    def say(self, **facts: Any) -> None:
        """Tells the parent something."""
        self._write(json.dumps(facts).encode() + b"\n")

    def send(self, lines: Iterable[bytes]) -> None:
        """Tells it lines that are written out already, and lets visitors go on while a full pipe empties."""
        with self._turn:
            for line in lines:
                get_hub().threadpool.apply(self._write, (line,))

    def _write(self, line: bytes) -> None:
        left = memoryview(line)
        try:
            while left:
                left = left[os.write(self._out, left) :]
        except OSError:
            end(ORPHANED)

    def _listen(self) -> None:
        rest = b""
        while said := os.read(IN, 65536):
            *lines, rest = (rest + said).split(b"\n")
            for line in lines:
                self._heard.put(line)
        end(ORPHANED)


def end(code: int) -> NoReturn:
    """Ends the process at once: waiting visitors and threads are not waited for."""
    os._exit(code)
