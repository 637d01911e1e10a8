"""Sentry: takes events, groups them by title into issues, and lists those that were seen lately."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from standin.handlers import body_of
from standin.upstream import require_key

if TYPE_CHECKING:
    from starlette.requests import Request

LATELY = re.compile(r"lastSeen:-(\d+)m\b")


class Sentry:
    """Its pages; what it was told is gone with a restart."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.seen: dict[str, float] = {}

    async def root(self, _: Request) -> JSONResponse:
        """Say who answers."""
        return JSONResponse({"version": "0", "auth": None, "user": None})

    async def store(self, request: Request) -> JSONResponse:
        """Take an event."""
        require_key(request, self.key)
        title = str((await body_of(request)).get("title", ""))[:200]
        self.seen[title] = time.time()
        return JSONResponse({"id": title})

    async def issues(self, request: Request) -> JSONResponse:
        """List the issues, of the last so many minutes where the query says so."""
        require_key(request, self.key)
        lately = LATELY.search(request.query_params.get("query", ""))
        since = time.time() - 60 * int(lately[1]) if lately else 0.0
        return JSONResponse([{"title": title, "status": "unresolved"} for title, at in self.seen.items() if at > since])


def routes() -> list[Route]:
    """Return its routes."""
    stub = Sentry(os.environ["SENTRY_KEY"])
    return [
        Route("/api/0/", stub.root),
        Route("/api/1/store/", stub.store, methods=["POST"]),
        Route("/api/0/projects/kuya/backend/issues/", stub.issues),
    ]
