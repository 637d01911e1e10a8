"""SearchAPI.io: sold listings for a key, so many searches a month, and an account page that costs none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.listings import listings
from standin.upstream import Quota, require_key

if TYPE_CHECKING:
    from starlette.requests import Request

MONTH_SECONDS = 30 * 86400


class SearchApi:
    """Its pages."""

    def __init__(self, key: str, searches: int) -> None:
        self.key = key
        self.quota = Quota(searches, MONTH_SECONDS)

    async def status(self, _: Request) -> JSONResponse:
        """Say how it is, as status pages do."""
        return JSONResponse({"status": {"indicator": "none", "description": "All Systems Operational"}})

    async def account(self, request: Request) -> JSONResponse:
        """Say what is left of the month."""
        require_key(request, self.key)
        used, left = self.quota.used, self.quota.left
        account = {"current_month_usage": used, "monthly_allowance": self.quota.calls, "remaining_credits": left}
        return JSONResponse({"account": account})

    async def search(self, request: Request) -> JSONResponse:
        """Find what was sold."""
        require_key(request, self.key)
        if not (query := request.query_params.get("q")):
            raise HTTPException(400, "q is missing")
        self.quota.spend()
        return JSONResponse({"search_metadata": {"status": "Success"}, "organic_results": listings(query, "sold")})


def routes() -> list[Route]:
    """Return its routes."""
    stub = SearchApi(os.environ["SEARCH_API_KEY"], int(os.environ["SEARCH_API_MONTHLY"]))
    return [
        Route("/status", stub.status),
        Route("/api/v1/me", stub.account),
        Route("/api/v1/search", stub.search),
    ]
