"""What a run and its supervisor say to each other: lines of JSON through two pipes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import time
from typing import Any


def say(to: int, **facts: Any) -> bool:
    """Writes one line; whether anybody is there to read it."""
    line = memoryview(json.dumps(facts).encode() + b"\n")
    with contextlib.suppress(OSError):
        while line:
            line = line[os.write(to, line) :]
        return True
    return False


class Lines:
    """The lines that come through a pipe."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._rest = b""
        self.open = True
        self.unread = ""  # the last line that was no JSON: a traceback's, say

    def wait(self, seconds: float) -> dict[str, Any] | None:
        """The next line; None where the pipe was closed, or nothing came within `seconds`."""
        until = time.monotonic() + seconds
        while True:
            while b"\n" in self._rest:
                line, _, self._rest = self._rest.partition(b"\n")
                if (facts := self._read(line)) is not None:
                    return facts
            if not self.open or not self._more(until - time.monotonic()):
                return None

    def _more(self, seconds: float) -> bool:
        """Whether something came, if only the end."""
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        if not poll.poll(max(0, int(seconds * 1000))):
            return False
        said = os.read(self._source, 65536)
        self._rest += said
        self.open = bool(said)
        return True

    def _read(self, line: bytes) -> dict[str, Any] | None:
        with contextlib.suppress(ValueError):
            facts = json.loads(line)
            if isinstance(facts, dict):
                return facts
        self.unread = line.decode(errors="replace").strip() or self.unread
        return None
