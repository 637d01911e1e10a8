"""How many follow whom: from the cache while there is one, from the database otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.settings import PLATFORMS
from standin.handlers import in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.middleware import Middleware

    from standin.cache import Cache
    from standin.handlers import Call
    from standin.pool import Database

SUMMARY = """
    SELECT account, max(count) AS followers FROM followers WHERE platform = %(platform)s
    GROUP BY account ORDER BY account
"""
NEWEST = "SELECT account, count, at::text FROM followers WHERE platform = %(platform)s ORDER BY at DESC LIMIT 20"


class Analytics:
    """The routes under /api/analytics."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self.database = database
        self.cache = cache

    def routes(self, edge: Sequence[Middleware]) -> list[Route]:
        """Return the routes of this part, behind `edge`."""
        return [
            Route("/api/analytics/{platform}", in_thread(self.summary), middleware=edge),
            Route("/api/analytics/{platform}/newest", in_thread(self.newest), middleware=edge),
        ]

    def summary(self, call: Call) -> JSONResponse:
        """List a platform's accounts."""
        which = {"platform": known(call.path["platform"])}
        rows, source = self.cache.get_or_load(f"analytics:{which}", lambda: self.database.rows(SUMMARY, which))
        return JSONResponse({"accounts": rows, "source": source})

    def newest(self, call: Call) -> JSONResponse:
        """List what was noted last, always from the database."""
        return JSONResponse({"newest": self.database.rows(NEWEST, {"platform": known(call.path["platform"])})})


def known(platform: str) -> str:
    """Return the platform; 404 for one that is none of ours."""
    if platform not in PLATFORMS:
        raise HTTPException(404, "no such platform")
    return platform
