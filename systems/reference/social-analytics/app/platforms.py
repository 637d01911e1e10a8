"""A platform's API, as its users see it: `python -m app.platforms twitch`, on port 8000."""

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
    """Say how it is."""
    return JSONResponse({"platform": sys.argv[1], "status": "operational"})


async def followers(request: Request) -> JSONResponse:
    """Say how many follow an account, to who has the key."""
    require_key(request, PLATFORM_KEY)
    return JSONResponse({"account": "account1", "count": 4711})


if __name__ == "__main__":
    routes = [Route("/status", status), Route("/followers", followers)]
    serve(application(routes, os.environ.get("SOCIAL_ANALYTICS_TROUBLE") or None))
