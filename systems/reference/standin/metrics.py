"""What is measured, under its Prometheus names, and the middleware that measures every request."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response
from starlette.routing import Match, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg_pool import ConnectionPool
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Fine enough around 500 ms, the p95 that the runbooks name.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1, 2.5, 5, 10)

REQUESTS = Counter("http_requests_total", "Requests answered.", ["method", "path", "status"])
DURATION = Histogram("http_request_duration_seconds", "Time to answer.", ["method", "path"], buckets=BUCKETS)
IN_PROGRESS = Gauge("http_requests_in_progress", "Requests being answered now.")
CACHE_HITS = Counter("cache_hits_total", "Answers that came from the cache.")
CACHE_MISSES = Counter("cache_misses_total", "Answers that had to come from the source.")
CACHE_ERRORS = Counter("cache_errors_total", "Cache commands that failed.")
POOL_SIZE = Gauge("db_pool_size", "Connections that the pool has, or is making.")
POOL_MAX = Gauge("db_pool_max", "Connections that the pool may have.")
POOL_IN_USE = Gauge("db_pool_in_use", "Connections that are lent out.")
POOL_WAITING = Gauge("db_pool_waiting", "Callers that wait for a connection.")


def observe_pool(pool: ConnectionPool[Any]) -> None:
    """Let the pool's size be read, at the moment it is asked for."""
    POOL_MAX.set(pool.max_size)
    POOL_SIZE.set_function(lambda: pool.get_stats().get("pool_size", 0))


async def exposition(_: Request) -> Response:
    """Answer GET /metrics."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


class Measured:
    """Counts and times every request under its route's template, errors included."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note the status that goes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500  # what the outermost layer answers when nobody below did

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            with IN_PROGRESS.track_inprogress():
                await self.app(scope, receive, noting)
        finally:
            self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        path = self._template(scope)
        REQUESTS.labels(scope["method"], path, status).inc()
        DURATION.labels(scope["method"], path).observe(seconds)

    def _template(self, scope: Scope) -> str:
        """Return the route's template; unknown paths share one label, or any client could grow the metrics."""
        for route in self.routes:
            if route.matches(scope)[0] != Match.NONE:
                return route.path_format
        return "unknown"
