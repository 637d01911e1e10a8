"""Somebody else's API, as a service of its own: it wants a key, has a quota, and answers as its switches say.

Without a token in its environment it has no switches, and always answers well.
"""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from standin.handlers import refused
from standin.switches import RETRY_SECONDS, switched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import Route


class Quota:
    """So many calls in so many seconds, from the first one on."""

    def __init__(self, calls: int, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self._used = 0
        self._ends = 0.0

    @property
    def used(self) -> int:
        """How many of them there were."""
        return self._used if time.monotonic() < self._ends else 0

    @property
    def left(self) -> int:
        """How many more there may be."""
        return self.calls - self.used

    def spend(self) -> None:
        """Count one call; 429 where there may be none."""
        if not self.left:
            raise HTTPException(429, "quota exceeded", {"Retry-After": str(RETRY_SECONDS)})
        if not self.used:
            self._used, self._ends = 0, time.monotonic() + self.seconds
        self._used += 1


def require_key(request: Request, key: str) -> None:
    """Refuse, with 401, whoever does not send that key as a bearer's token."""
    sent = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(sent, f"Bearer {key}".encode()):
        raise HTTPException(401, "invalid credentials")


def application(routes: Sequence[Route], trouble_token: str | None) -> Starlette:
    """Return the application; it can be told to answer otherwise only with a `trouble_token`."""
    switches, middleware = switched(trouble_token)
    handlers = {HTTPException: refused}
    return Starlette(routes=[*switches, *routes], middleware=middleware, exception_handlers=handlers)
