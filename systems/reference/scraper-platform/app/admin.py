"""The pages under /api/admin, for whoever logged in: status, objectives, and who is on call."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any

from redis import RedisError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from app import requests_log
from app.figures import availability
from app.settings import ADMIN_PASSWORD
from standin.handlers import in_thread
from standin.token import Authorised

if TYPE_CHECKING:
    from app.cache import SimpleFallback
    from app.watch import Memory, Workers
    from standin.handlers import Call
    from standin.pool import Database

PLATFORMS = """
    SELECT platform, 100.0 * avg((outcome = 'success')::int)::float8 AS success_rate,
        count(*) FILTER (WHERE outcome = 'rate_limited') AS rate_limited,
        count(*) FILTER (WHERE outcome = 'unauthorized') AS unauthorized
    FROM (SELECT *, row_number() OVER (PARTITION BY platform ORDER BY id DESC) AS place
        FROM scrapes WHERE at > now() - interval '10 minutes') AS lately
    WHERE place <= 10 GROUP BY platform ORDER BY platform
"""
BREAKERS = "SELECT platform AS name, state FROM breakers ORDER BY platform"
FRESH = "SELECT extract(epoch FROM now() - max(scraped_at))::float8 AS age FROM snapshots"
ON_CALL = "SELECT engineer, phone FROM oncall WHERE now() BETWEEN since AND until"
DOWN_PERCENT = 20.0
LATELY_SECONDS = 60


class Admin:
    """The pages, and the login that gives the token for them."""

    def __init__(self, database: Database, cache: SimpleFallback, memory: Memory, workers: Workers) -> None:
        self.database = database
        self.cache = cache
        self.memory = memory
        self.workers = workers
        self.token = secrets.token_urlsafe(24)

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        edge = [Middleware(Authorised, token=self.token)]
        return [
            Route("/api/admin/login", in_thread(self.login), methods=["POST"]),
            Route("/api/admin/status", in_thread(self.status), middleware=edge),
            Route("/api/admin/slo", in_thread(self.objectives), middleware=edge),
            Route("/api/admin/oncall", in_thread(self.on_call), middleware=edge),
        ]

    def login(self, call: Call) -> JSONResponse:
        """Give the token to who has the password."""
        name, password = call.field("username", str), call.field("password", str)
        if name != "admin" or not hmac.compare_digest(password.encode(), ADMIN_PASSWORD.encode()):
            raise HTTPException(401, "wrong name or password")
        return JSONResponse({"session": {"access_token": self.token, "kind": "bearer"}})

    def status(self, _: Call) -> JSONResponse:
        """Say how scrapers, memory, breakers, logs and cache are."""
        body = {
            "scrapers": self._scrapers(),
            "jobs": {"oldest_seconds": self.workers.oldest_job},
            "memory": self.memory.told(),
            "circuit_breakers": self.database.rows(BREAKERS),
            "logs": requests_log.told(),
            "cache": {"mode": self.cache.mode, "slow_commands_last_minute": self._slow_commands()},
        }
        return JSONResponse(body)

    def objectives(self, _: Call) -> JSONResponse:
        """Say of each objective whether it is met."""
        age = self.database.rows(FRESH)[0]["age"]
        slos = [
            objective("availability", "critical", availability(), at_least=90.0),
            objective("scraper_success", "high", self._scrapers()["success_rate"] or 0.0, at_least=80.0),
            objective("freshness", "medium", -(age or 0.0), at_least=-60.0),
        ]
        return JSONResponse({"slos": slos})

    def on_call(self, _: Call) -> JSONResponse:
        """Name who is on call."""
        return JSONResponse({"on_call": self.database.rows(ON_CALL)})

    def _scrapers(self) -> dict[str, Any]:
        platforms = [told(row) for row in self.database.rows(PLATFORMS)]
        rates = [one["success_rate"] for one in platforms]
        return {"success_rate": sum(rates) / len(rates) if rates else None, "platforms": platforms}

    def _slow_commands(self) -> int | None:
        """Return how many commands of the cache were slow lately; None while it cannot be asked."""
        try:
            entries = self.cache.cache.redis.slowlog_get(100)
        except (RedisError, OSError):
            return None
        return sum(entry["start_time"] > time.time() - LATELY_SECONDS for entry in entries)


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of one platform, by its last ten scrapes."""
    name = row.pop("platform")
    return {"name": name, "status": "down" if row["success_rate"] < DOWN_PERCENT else "up", **row}


def objective(name: str, severity: str, current: float, *, at_least: float) -> dict[str, Any]:
    """Return what is said of one objective."""
    status = "met" if current >= at_least else "violated"
    return {"name": name, "severity": severity, "target": at_least, "current": round(current, 2), "status": status}
