"""The pages beside the search: the front page, whether it lives, whether it can serve, and its figures."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from redis import RedisError
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route

from standin import memory

if TYPE_CHECKING:
    from redis import Redis
    from starlette.requests import Request

    from app.comps import Source
    from app.figures import Figures
    from standin.limiter import Limiter

LOG = logging.getLogger("app.pages")
FRONT = Path(__file__).with_name("index.html")


class Pages:
    """Their routes."""

    def __init__(self, redis: Redis, sources: list[Source], figures: Figures, limiter: Limiter) -> None:
        self.redis = redis
        self.sources = sources
        self.figures = figures
        self.limiter = limiter

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/", self.front),
            Route("/health", self.health),
            Route("/health/ready", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def front(self, _: Request) -> FileResponse:
        """Answer with the page for people."""
        return FileResponse(FRONT)

    async def health(self, _: Request) -> JSONResponse:
        """Say that the process lives, whatever else is the matter."""
        return JSONResponse({"status": "healthy"})

    async def ready(self, _: Request) -> JSONResponse:
        """Say how well it can serve: always 200, and the truth is in the body."""
        redis = await run_in_threadpool(self._redis_answers)
        served = any(source.state.closed for source in self.sources)
        status = ("healthy" if redis else "degraded") if served else "unhealthy"
        return JSONResponse({"status": status, "redis": redis, "database": False})

    async def metrics(self, _: Request) -> JSONResponse:
        """Give the figures, what the limiter is up to, and the memory."""
        limiter = {"per_minute": self.limiter.per_minute, "shared": self.limiter.shared}
        return JSONResponse({**self.figures.told(), "limiter": limiter, "memory": memory.told()})

    def _redis_answers(self) -> bool:
        try:
            return bool(self.redis.ping())
        except (RedisError, OSError):
            LOG.warning("Redis cache unavailable")
            return False
