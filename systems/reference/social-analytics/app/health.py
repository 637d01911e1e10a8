"""Health: a page that is always 200, one for the load balancer, and one for people; the last two are 503 with a body.

What the load balancer asks names only what serving needs; what people read has everything; `degraded` is the rest.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from app.settings import REVISION
from standin.health import ACQUIRE_SECONDS, Questions

if TYPE_CHECKING:
    from redis import Redis
    from starlette.requests import Request

    from app.secrets import Secrets
    from standin.migrations import Migrations
    from standin.pool import Database
    from standin.scheduler import Scheduler

NEEDED = ("database", "migrations", "scheduler")


class Health:
    """The pages under /health."""

    def __init__(self, database: Database, redis: Redis, migrations: Migrations, **more: Any) -> None:
        self.database = database
        self.redis = redis
        self.migrations = migrations
        self.scheduler: Scheduler = more["scheduler"]
        self.secrets: Secrets = more["secrets"]
        self.ask = Questions().ask

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/health", self.lives),
            Route("/health/ready", self.ready),
            Route("/health/detailed", self.detailed),
        ]

    async def lives(self, _: Request) -> JSONResponse:
        """Say that the process lives, whatever else is the matter."""
        return JSONResponse({"status": "healthy", "service": "social-analytics"})

    async def ready(self, _: Request) -> JSONResponse:
        """Say whether to send visitors here."""
        checks = {"database": check(await self.ask(self._database)), "scheduler": check(self.scheduler.running)}
        return answer(checks, "ready", "not_ready")

    async def detailed(self, _: Request) -> JSONResponse:
        """Say how every part is."""
        asked = (self._database, self.redis.ping, self._migrated, self._secrets_are_current)
        answers = await asyncio.gather(*map(self.ask, asked))
        checks = dict(zip(("database", "redis", "migrations", "secrets"), map(check, answers), strict=True))
        checks["scheduler"] = check(self.scheduler.running)
        return answer(checks, "healthy", "unhealthy", revision=REVISION.read_text().strip())

    def _database(self) -> bool:
        return self.database.answers(timeout=ACQUIRE_SECONDS)

    def _migrated(self) -> bool:
        return self.migrations.current() == self.migrations.heads()

    def _secrets_are_current(self) -> bool:
        return not self.secrets.stale()


def check(well: Any) -> dict[str, str]:
    """Return what is said of one part."""
    return {"status": "ok" if well else "error"}


def answer(checks: dict[str, dict[str, str]], good: str, bad: str, **more: str) -> JSONResponse:
    """Return the page: 503 where something is down that is needed, `degraded` where anything else is."""
    down = [name for name, one in checks.items() if one["status"] != "ok"]
    needed = any(name in NEEDED for name in down)
    status = bad if needed else "degraded" if down else good
    return JSONResponse({"status": status, "checks": checks, **more}, status_code=503 if needed else 200)
