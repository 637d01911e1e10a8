"""A platform, as its scrapers see it: `python -m app.platforms reddit`, on port 8000."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from app.settings import PLATFORM_KEY
from standin.serving import serve
from standin.upstream import application, require_key

if TYPE_CHECKING:
    from starlette.requests import Request


async def status(_: Request) -> JSONResponse:
    """Say how it is, as status pages do."""
    return JSONResponse({"page": sys.argv[1], "state": "available"})


async def account(request: Request) -> JSONResponse:
    """Say whose key it is, which costs nothing."""
    require_key(request, PLATFORM_KEY)
    return JSONResponse({"account": "scraper-platform", "active": True})


async def posts(request: Request) -> JSONResponse:
    """List posts, to who has a key."""
    require_key(request, PLATFORM_KEY)
    return JSONResponse({"posts": [{"post": f"{sys.argv[1]}-1", "score": 4711}]})


if __name__ == "__main__":
    routes = [Route("/status", status), Route("/account", account), Route("/posts", posts)]
    serve(application(routes, os.environ.get("SCRAPER_PLATFORM_TROUBLE") or None))
