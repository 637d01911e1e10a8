"""eBay: active listings for a token that is fetched with the application's id and secret, so many calls a day."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.listings import listings
from standin.upstream import Quota, require_key

if TYPE_CHECKING:
    from starlette.requests import Request

DAY_SECONDS = 86400


class Ebay:
    """Its pages. The token is made anew with each start."""

    def __init__(self, app_id: str, secret: str, calls: int) -> None:
        self.login = (app_id, secret)
        self.token = secrets.token_urlsafe(24)
        self.quota = Quota(calls, DAY_SECONDS)

    async def status(self, _: Request) -> JSONResponse:
        """Say how it is."""
        return JSONResponse({"api": "buy.browse", "state": "AVAILABLE"})

    async def grant(self, request: Request) -> JSONResponse:
        """Give the token to who has the application's id and secret."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if not secrets.compare_digest("\n".join(given).encode(), "\n".join(self.login).encode()):
            raise HTTPException(401, "invalid_client")
        token = {"access_token": self.token, "expires_in": 7200, "token_type": "Application Access Token"}
        return JSONResponse(token)

    async def limits(self, request: Request) -> JSONResponse:
        """Say what is left of the day."""
        require_key(request, self.token)
        rate = {"limit": self.quota.calls, "remaining": self.quota.left, "timeWindow": DAY_SECONDS}
        resources = [{"name": "buy.browse", "rates": [rate]}]
        return JSONResponse({"rateLimits": [{"apiContext": "buy", "apiName": "browse", "resources": resources}]})

    async def search(self, request: Request) -> JSONResponse:
        """Find what is on sale."""
        require_key(request, self.token)
        query = request.query_params.get("q", "")
        self.quota.spend()
        found = listings(query, "active")
        return JSONResponse({"total": len(found), "itemSummaries": found})


def routes() -> list[Route]:
    """Return its routes."""
    stub = Ebay(os.environ["EBAY_APP_ID"], os.environ["EBAY_CERT_ID"], int(os.environ["EBAY_DAILY"]))
    return [
        Route("/status", stub.status),
        Route("/identity/v1/oauth2/token", stub.grant, methods=["POST"]),
        Route("/developer/analytics/v1_beta/rate_limit", stub.limits),
        Route("/buy/browse/v1/item_summary/search", stub.search),
    ]
