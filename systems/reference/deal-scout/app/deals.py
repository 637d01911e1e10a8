"""Deals to read: from the cache while there is one, from the database otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from app import marketplace
from standin.handlers import in_thread

if TYPE_CHECKING:
    from standin.cache import Cache
    from standin.handlers import Call
    from standin.pool import Database

FIND = """
    SELECT id, title, price::float8 AS price, seen_at::text FROM deals
    WHERE lower(title) LIKE '%%' || %(word)s || '%%' ORDER BY price LIMIT 20
"""
GET = "SELECT id, title, price::float8 AS price, seen_at::text FROM deals WHERE id = %(id)s"


class Deals:
    """The routes under /deals."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self.database = database
        self.cache = cache

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/deals", in_thread(self.find)), Route("/deals/{id:int}", in_thread(self.get))]

    def find(self, call: Call) -> JSONResponse:
        """Answer GET /deals?q=word: the cheapest that fit, and where they came from."""
        word = call.query.get("q", "").strip().lower()[:64]
        deals, source = self.cache.get_or_load(f"deals:{word}", lambda: self._matching(word))
        return JSONResponse({"deals": deals, "source": source})

    def get(self, call: Call) -> JSONResponse:
        """Answer GET /deals/ID, always from the database."""
        found = self.database.rows(GET, {"id": min(call.path["id"], 2**31)})
        if not found:
            raise HTTPException(404, "no such deal")
        return JSONResponse({**found[0], "listed": marketplace.listed(found[0]["id"])})

    def _matching(self, word: str) -> list[dict[str, Any]]:
        pattern = word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return self.database.rows(FIND, {"word": pattern})
