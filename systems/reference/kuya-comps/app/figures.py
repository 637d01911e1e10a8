"""What is counted of requests, for each page, and of the cache: the JSON at /metrics."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from standin.metrics import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_TIMES = 200
LATELY_SECONDS = 30.0


@dataclass
class Page:
    """What there was of one page since the start, and how long it took lately."""

    requests: int = 0
    errors: int = 0
    times: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=MOST_TIMES))

    def note(self, status: int, seconds: float) -> None:
        """Count one request: 5xx are errors, what clients did wrong is not."""
        self.requests += 1
        self.errors += status >= 500
        self.times.append((time.monotonic(), seconds * 1000))

    def told(self) -> dict[str, Any]:
        """Return its figures: counts since the start, times of the last half minute, or of the last request."""
        since = time.monotonic() - LATELY_SECONDS
        lately = sorted([took for at, took in self.times if at > since] or [self.times[-1][1]])
        return {
            "total_requests": self.requests,
            "error_count": self.errors,
            "error_rate": round(100 * self.errors / self.requests, 2),
            "avg_response_time_ms": round(sum(lately) / len(lately), 1),
            "p95_response_time_ms": round(lately[int(0.95 * (len(lately) - 1) + 0.5)], 1),
        }


class Figures:
    """All that is counted."""

    def __init__(self) -> None:
        self.active = 0
        self.pages: dict[str, Page] = {}
        self.lookups = {"hits": 0, "misses": 0}
        self._lock = threading.Lock()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a request as long as it is being answered."""
        self.active += 1  # in the event loop alone
        try:
            yield
        finally:
            self.active -= 1

    def note(self, path: str, status: int, seconds: float) -> None:
        """Count one that was answered."""
        self.pages.setdefault(path, Page()).note(status, seconds)

    def looked_up(self, *, hit: bool) -> None:
        """Count a look into the cache, from whatever thread."""
        with self._lock:
            self.lookups["hits" if hit else "misses"] += 1

    def told(self) -> dict[str, Any]:
        """Return all of it."""
        hits, misses = self.lookups["hits"], self.lookups["misses"]
        rate = round(100 * hits / (hits + misses), 2) if hits + misses else 0.0
        pages = {path: page.told() for path, page in self.pages.items()}
        cache = {"hits": hits, "misses": misses, "hit_rate": rate}
        return {"endpoints": pages, "active_requests": self.active, "cache": cache}


class Counted(Measured):
    """Counts and times every request in `figures`, under its route's template."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route], figures: Figures) -> None:
        super().__init__(app, routes)
        self.figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count it as under way, and then as answered."""
        with self.figures.under_way():
            await super().__call__(scope, receive, send)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        self.figures.note(self._template(scope), status, seconds)
