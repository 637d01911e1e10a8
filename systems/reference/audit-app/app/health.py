"""Health as a list of checks, each really made: 503 without the database, 200 with a warning without the rest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from app.settings import RELEASE
from standin.health import ACQUIRE_SECONDS, Questions
from standin.limiter import PREFIX

if TYPE_CHECKING:
    from redis import Redis
    from starlette.requests import Request

    from standin.limiter import Limiter
    from standin.migrations import Migrations
    from standin.pool import Database


class Health:
    """The page /health."""

    def __init__(self, database: Database, redis: Redis, migrations: Migrations, *, limiter: Limiter) -> None:
        self.database = database
        self.redis = redis
        self.migrations = migrations
        self.limiter = limiter
        self.ask = Questions().ask

    def routes(self) -> list[Route]:
        """Return the route of this part."""
        return [Route("/health", self.health)]

    async def health(self, _: Request) -> JSONResponse:
        """Say how each part is, and the whole: `fail` without the database, `warn` without something else."""
        answers = await asyncio.gather(
            self.ask(self._database), self.ask(self._redis), self.ask(self._limiter), self.ask(self.migrations.current)
        )
        checks = [check(name, found) for name, found in zip(NAMES, self._judged(*answers), strict=True)]
        whole = status_of([one["status"] for one in checks], needed=checks[0]["status"])
        body = {"status": whole, "releaseId": RELEASE.read_text().strip(), "checks": checks}
        return JSONResponse(body, status_code=503 if whole == "fail" else 200)

    def _judged(self, database: Any, redis: Any, limiter: Any, revisions: Any) -> list[tuple[bool, dict[str, Any]]]:
        """Return of each part whether it is well, and what there is to say of it."""
        mode = "distributed" if self.limiter.shared else "in-memory"
        told = {"mode": mode, "limit": self.limiter.per_minute, "clients": limiter}
        heads = {"observedValue": revisions, "expectedValue": self.migrations.heads()}
        return [
            (bool(database), {}),
            (bool(redis), redis or {}),
            (mode == "distributed" and limiter is not None, told),
            (len(heads["expectedValue"]) == 1 and revisions == heads["expectedValue"], heads),
        ]

    def _database(self) -> bool:
        return self.database.answers(timeout=ACQUIRE_SECONDS)

    def _redis(self) -> dict[str, Any]:
        return {"policy": self.redis.info("memory")["maxmemory_policy"]}

    def _limiter(self) -> int:
        """Return how many clients were counted in this minute and the one before."""
        return sum(1 for _ in self.redis.scan_iter(f"{PREFIX}*", count=1000))


NAMES = ("database", "redis", "rate_limiter", "migrations")


def check(name: str, found: tuple[bool, dict[str, Any]]) -> dict[str, Any]:
    """Return one item of the list."""
    well, told = found
    return {"componentId": name, "status": "pass" if well else "fail", **told}


def status_of(parts: list[str], *, needed: str) -> str:
    """Return the word for the whole."""
    if needed == "fail":
        return "fail"
    return "warn" if "fail" in parts else "pass"
