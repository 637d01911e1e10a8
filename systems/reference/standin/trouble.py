"""What misbehaves on request: for drills only.

None of this exists unless the process was started with a token, and then each call must carry it in a header.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from standin.admission import admit
from standin.handlers import body_of
from standin.leak import Leak

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from standin.pool import Database

SETTLE_SECONDS = 0.4  # what was switched shows after so long


@dataclass(frozen=True)
class Misbehaviour:
    """What every request whose path starts with `path` suffers."""

    path: str = "/"
    milliseconds: float = 0
    share: float = 0  # of the requests, answered with 500

    @classmethod
    def of(cls, told: dict[str, Any]) -> Misbehaviour:
        """Read it from what a request says; 422 for what makes no sense."""
        try:
            numbers = {name: float(value) for name, value in told.items() if name != "path"}
            wanted = cls(**told | numbers)
            sane = wanted.milliseconds >= 0 and 0 <= wanted.share <= 1 and wanted.path.startswith("/")
        except (TypeError, ValueError, AttributeError):
            sane = False
        if not sane:
            raise HTTPException(422, "expected path, milliseconds and share (0 to 1)")
        return wanted


class Trouble:
    """The switches, and their routes under /trouble."""

    def __init__(self, database: Database, token: str) -> None:
        self.token = token
        self.leak = Leak(database)
        self.misbehaviour = Misbehaviour()

    def routes(self) -> list[Route]:
        """Return the routes: state, leak, misbehave, and off."""
        return [
            Route("/trouble", self.show, methods=["GET"]),
            Route("/trouble", self.off, methods=["DELETE"]),
            Route("/trouble/leak", self.start_leak, methods=["POST"]),
            Route("/trouble/misbehave", self.misbehave, methods=["POST"]),
        ]

    async def show(self, request: Request) -> JSONResponse:
        """Say what is switched on."""
        admit(request, self.token)
        return JSONResponse({"leaked": self.leak.held, **vars(self.misbehaviour)})

    async def start_leak(self, request: Request) -> JSONResponse:
        """Leak `connections` transactions."""
        admit(request, self.token)
        connections = (await body_of(request)).get("connections")
        if not isinstance(connections, int) or not 0 < connections <= 100:
            raise HTTPException(422, "connections must be a number from 1 to 100")
        self.leak.take(connections)
        await asyncio.sleep(SETTLE_SECONDS)
        return await self.show(request)

    async def misbehave(self, request: Request) -> JSONResponse:
        """Slow down, or fail, a share of the requests."""
        admit(request, self.token)
        self.misbehaviour = Misbehaviour.of({**request.query_params, **await body_of(request)})
        return await self.show(request)

    async def off(self, request: Request) -> JSONResponse:
        """Switch everything off."""
        admit(request, self.token)
        self.leak.end()
        self.misbehaviour = Misbehaviour()
        await asyncio.sleep(SETTLE_SECONDS)
        return await self.show(request)


class Troubled:
    """Lets requests suffer what is switched on; the switches themselves never do."""

    def __init__(self, app: ASGIApp, trouble: Trouble) -> None:
        self.app = app
        self.trouble = trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, fail, or pass on."""
        wanted = self.trouble.misbehaviour
        if not concerns(wanted, scope):
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(wanted.milliseconds / 1000)
        fails = random.random() < wanted.share  # noqa: S311 - nothing secret depends on it
        answer = JSONResponse({"error": "trouble"}, status_code=500) if fails else self.app
        await answer(scope, receive, send)


def concerns(wanted: Misbehaviour, scope: Scope) -> bool:
    """Return whether a request is one of those that misbehave."""
    if scope["type"] != "http" or scope["path"].startswith("/trouble"):
        return False
    return scope["path"].startswith(wanted.path)
