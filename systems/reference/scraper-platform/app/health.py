"""Health in words of its own: an object of strings, `operational`, `degraded` or `outage`, and the disk in figures."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from app.settings import LOG_FILE
from standin.health import ACQUIRE_SECONDS, Questions

if TYPE_CHECKING:
    from redis import Redis
    from starlette.requests import Request

    from app.cache import SimpleFallback
    from app.watch import Workers
    from standin.pool import Database

WELL, LESS, GONE = "operational", "degraded", "outage"
DISK_PERCENT = (80, 95)


class Health:
    """The page /health: 503 without the database alone, for without anything else it serves something."""

    def __init__(self, database: Database, cache: SimpleFallback, broker: Redis, workers: Workers) -> None:
        self.database = database
        self.cache = cache
        self.broker = broker
        self.workers = workers
        self.ask = Questions().ask

    def routes(self) -> list[Route]:
        """Return the route of this part."""
        return [Route("/health", self.health)]

    async def health(self, _: Request) -> JSONResponse:
        """Say how each part is, and the whole."""
        questions = (self._database, self.cache.cache.redis.ping, self.broker.ping, write, disk_percent)
        database, redis, broker, written, used = await asyncio.gather(*map(self.ask, questions))
        components = {
            "database": WELL if database else GONE,
            "redis": WELL if redis else LESS,
            "celery": WELL if broker and self.workers.answer else GONE,
            "storage": WELL if written else GONE,
            "disk": word_of(used),
        }
        more = {"cache_mode": self.cache.mode, "disk_used_percent": used}
        body = {"overall": whole(components), "components": components, **more}
        return JSONResponse(body, status_code=200 if database else 503)

    def _database(self) -> bool:
        return self.database.answers(timeout=ACQUIRE_SECONDS)


def write() -> bool:
    """Write, flush and remove a file beside the logs; raise OSError where that cannot be done."""
    probe = LOG_FILE.with_name(f".probe-{os.getpid()}")
    with probe.open("wb") as file:
        file.write(b"x" * 512)
        file.flush()
        os.fsync(file.fileno())
    probe.unlink()
    return True


def disk_percent() -> float:
    """Return how full the disk of the logs is."""
    usage = shutil.disk_usage(LOG_FILE.parent)
    return round(100 * (1 - usage.free / usage.total), 1)


def word_of(used: Any) -> str:
    """Return the word for a disk that is so full; unknown is an outage."""
    if used is None or used > DISK_PERCENT[1]:
        return GONE
    return LESS if used > DISK_PERCENT[0] else WELL


def whole(components: dict[str, str]) -> str:
    """Return the word for the whole."""
    if components["database"] != WELL:
        return GONE
    return WELL if set(components.values()) == {WELL} else LESS
