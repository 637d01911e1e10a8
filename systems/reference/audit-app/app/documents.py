"""What the API is for: counties, from the cache while there is one, and their documents, always from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from standin.handlers import in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.middleware import Middleware

    from standin.cache import Cache
    from standin.handlers import Call
    from standin.pool import Database

COUNTIES = "SELECT id, name FROM counties ORDER BY id"
FIND = """
    SELECT id, county_id, fiscal_year, title, amount::float8 AS amount, updated_at::text FROM documents
    WHERE county_id = %(county)s AND fiscal_year = %(year)s ORDER BY id LIMIT 100
"""


class Documents:
    """The routes under /api/v1."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self.database = database
        self.cache = cache

    def routes(self, middleware: Sequence[Middleware]) -> list[Route]:
        """Return the routes of this part, each behind `middleware`."""
        return [
            Route("/api/v1/counties", in_thread(self.counties), middleware=middleware),
            Route("/api/v1/documents", in_thread(self.find), middleware=middleware),
        ]

    def counties(self, _: Call) -> JSONResponse:
        """Answer GET /api/v1/counties."""
        found, _source = self.cache.get_or_load("counties", self._counties)
        return listed(found)

    def find(self, call: Call) -> JSONResponse:
        """Answer GET /api/v1/documents?county_id=1&fiscal_year=2024."""
        wanted = {"county": call.number("county_id", 1), "year": call.number("fiscal_year", 2024)}
        return listed(self.database.rows(FIND, wanted))

    def _counties(self) -> list[dict[str, Any]]:
        found = self.database.rows(COUNTIES)
        if not found:
            raise HTTPException(503, "nothing has been loaded yet")  # and so nothing is put into the cache
        return found


def listed(rows: list[dict[str, Any]]) -> JSONResponse:
    """Answer with a list."""
    return JSONResponse({"data": rows, "meta": {"count": len(rows)}})
