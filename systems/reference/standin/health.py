"""Health: each dependency is really asked, each time, all at once, within a second.

The questions have threads of their own, so that requests stuck in a broken dependency cannot hold health up.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from standin.broker import queue_depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis
    from starlette.requests import Request

    from standin.pool import Database

BUDGET_SECONDS = 1.0
ACQUIRE_SECONDS = 0.5  # of the budget; the rest is for the question itself


class Questions:
    """Puts questions, each in a thread, and waits for none longer than the budget."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")

    async def ask(self, question: Callable[[], Any]) -> Any:
        """Return the answer, or None when there is none within the budget."""
        answer = asyncio.get_running_loop().run_in_executor(self.threads, question)
        try:
            return await asyncio.wait_for(answer, BUDGET_SECONDS)
        except Exception:
            return None  # whatever the reason: it did not answer


class Health:
    """Asks the database through the application's own pool, for a pool without a free connection serves nobody."""

    def __init__(self, database: Database, redis: Redis) -> None:
        self.database = database
        self.redis = redis
        self.ask = Questions().ask

    def routes(self) -> list[Route]:
        """Return the two routes of this part."""
        return [Route("/health", self.health), Route("/health/ready", self.ready)]

    async def health(self, _: Request) -> JSONResponse:
        """Say how the process and its dependencies are: always 200 while the process lives."""
        db, redis, depth = await asyncio.gather(
            self.ask(self._database_answers), self.ask(self.redis.ping), self.ask(self._queue_depth)
        )
        body = {"status": status(db=bool(db), redis=bool(redis)), "db": bool(db), "redis": bool(redis)}
        return JSONResponse({**body, "queue_depth": depth})

    async def ready(self, _: Request) -> JSONResponse:
        """Say whether work can be taken: orders need the database, jobs need the broker."""
        db, redis = await asyncio.gather(self.ask(self._database_answers), self.ask(self.redis.ping))
        because = [name for name, answer in (("db", db), ("redis", redis)) if not answer]
        if because:
            return JSONResponse({"status": "not ready", "because": because}, status_code=503)
        return JSONResponse({"status": "ready"})

    def _database_answers(self) -> bool:
        return self.database.answers(timeout=ACQUIRE_SECONDS)

    def _queue_depth(self) -> int:
        return queue_depth(self.redis)


def status(*, db: bool, redis: bool) -> str:
    """Return the word for the whole: without Redis there is a fallback, without the database there is none."""
    if not db:
        return "unhealthy"
    return "healthy" if redis else "degraded"
