"""What was scraped, to read: trending posts from the cache, the latest of a platform from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.settings import PLATFORMS
from standin.handlers import in_thread

if TYPE_CHECKING:
    from app.cache import SimpleFallback
    from standin.handlers import Call
    from standin.pool import Database

TRENDING = """
    SELECT post, max(score) AS score FROM snapshots WHERE platform = %(platform)s
    GROUP BY post ORDER BY score DESC LIMIT 10
"""
LATEST = """
    SELECT post, score, scraped_at::text FROM snapshots WHERE platform = %(platform)s
    ORDER BY scraped_at DESC LIMIT 10
"""


class Posts:
    """The routes that users ask for."""

    def __init__(self, database: Database, cache: SimpleFallback) -> None:
        self.database = database
        self.cache = cache

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/api/trending", in_thread(self.trending)),
            Route("/api/posts/latest", in_thread(self.latest)),
        ]

    def trending(self, call: Call) -> JSONResponse:
        """Answer GET /api/trending?platform=reddit, and say where it came from."""
        wanted = platform_of(call)
        posts, source = self.cache.get_or_load(f"trending:{wanted['platform']}", lambda: self._trending(wanted))
        return JSONResponse({"posts": posts, "source": source})

    def latest(self, call: Call) -> JSONResponse:
        """Answer GET /api/posts/latest?platform=reddit, always from the database."""
        return JSONResponse({"posts": self.database.rows(LATEST, platform_of(call))})

    def _trending(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        return self.database.rows(TRENDING, wanted)


def platform_of(call: Call) -> dict[str, str]:
    """Return the platform of a query; 422 where it is none of ours."""
    platform = call.query.get("platform", PLATFORMS[0])
    if platform not in PLATFORMS:
        raise HTTPException(422, f"platform must be one of {', '.join(PLATFORMS)}")
    return {"platform": platform}
