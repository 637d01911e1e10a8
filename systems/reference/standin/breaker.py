"""A small circuit breaker: after a failure, leave the broken thing alone for a moment."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Breaker:
    """Closed until `trip`; then one caller per `pause` seconds may try, until `reset`."""

    def __init__(self, pause: float = 1.0) -> None:
        self.pause = pause
        self._closed = True
        self._next_try = 0.0
        self._lock = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether the thing worked when it was last tried."""
        return self._closed

    def allows(self) -> bool:
        """Return whether the caller may try now; while open, one caller a pause gets a yes."""
        with self._lock:
            if self._closed:
                return True
            now = time.monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + self.pause
            return True

    def attempt(self, command: Callable[[], Any]) -> Any:
        """Return what `command` does; None while it is left alone. Its error opens the breaker, and is raised."""
        if not self.allows():
            return None
        try:
            answer = command()
        except Exception:
            self.trip()
            raise
        self.reset()
        return answer

    def trip(self) -> None:
        """Open it: the thing failed."""
        with self._lock:
            self._closed = False
            self._next_try = time.monotonic() + self.pause

    def reset(self) -> None:
        """Close it: the thing works."""
        self._closed = True
