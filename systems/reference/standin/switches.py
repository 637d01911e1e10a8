"""Switches of a service's answers: refused, too many, unavailable, garbage, something else, or well but late.

None of this exists unless the process was started with a token, and then each call must carry it in a header.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standin.admission import admit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

RETRY_SECONDS = 30
ILL = {
    "401": Response('{"error": "invalid credentials"}', 401, media_type="application/json"),
    "429": Response("slow down", 429, {"Retry-After": str(RETRY_SECONDS)}),
    "503": Response("<html><body>Service Unavailable</body></html>", 503, media_type="text/html"),
    "garbage": Response('{"results": [{"title": "19', media_type="application/json"),
}
LATE, OTHERWISE = "late", "json"  # well, but after `seconds`; 200 with `body`
NEEDED = f"as: one of {', '.join((*ILL, LATE, OTHERWISE))}; path: begins with / or *; share: 0 to 1; seconds: 0 to 60"


@dataclass(frozen=True)
class Manner:
    """How a `share` of the requests for `path`, which may have a `*`, is answered: well where `kind` is empty."""

    kind: str = ""
    path: str = "*"
    share: float = 1.0
    seconds: float = 0.0
    body: str = "{}"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Manner:
        """Read it from `?as=late&path=/search&share=0.5&seconds=2`; 422 for what makes no sense."""
        try:
            share, seconds = float(query.get("share", "1")), float(query.get("seconds", "0"))
        except ValueError:
            raise HTTPException(422, NEEDED) from None
        wanted = cls(query.get("as", ""), query.get("path", "*"), share, seconds, query.get("body", "{}"))
        if not wanted.is_sane:
            raise HTTPException(422, NEEDED)
        return wanted

    @property
    def is_sane(self) -> bool:
        """Whether it says how to answer what."""
        known = self.kind in (*ILL, LATE, OTHERWISE) and self.path[:1] in ("/", "*")
        return known and 0 <= self.share <= 1 and 0 <= self.seconds <= 60

    def concerns(self, scope: Scope) -> bool:
        """Whether this request is one of those; the switches themselves never are."""
        if not self.kind or scope["type"] != "http" or scope["path"].startswith("/trouble"):
            return False
        return fnmatchcase(scope["path"], self.path) and random.random() < self.share  # noqa: S311 - nothing secret

    def answer(self) -> Response | None:
        """Return what is answered; None where it is what is always answered."""
        if self.kind == OTHERWISE:
            return Response(self.body, media_type="application/json")
        return ILL.get(self.kind)


class Switches:
    """How requests are answered now, and the routes under /trouble that change it."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.manner = Manner()

    def routes(self) -> list[Route]:
        """Return the routes: what is switched on, something else, and off."""
        return [
            Route("/trouble", self.show, methods=["GET"]),
            Route("/trouble", self.off, methods=["DELETE"]),
            Route("/trouble/answers", self.answers, methods=["POST"]),
        ]

    async def show(self, request: Request) -> JSONResponse:
        """Say what is switched on."""
        admit(request, self.token)
        return JSONResponse(asdict(self.manner))

    async def off(self, request: Request) -> JSONResponse:
        """Be well again."""
        admit(request, self.token)
        self.manner = Manner()
        return await self.show(request)

    async def answers(self, request: Request) -> JSONResponse:
        """Answer otherwise from now on."""
        admit(request, self.token)
        self.manner = Manner.of(request.query_params)
        return await self.show(request)


class Switched:
    """Answers requests as is switched on."""

    def __init__(self, app: ASGIApp, switches: Switches) -> None:
        self.app = app
        self.switches = switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, at once or late, or answer something else."""
        manner = self.switches.manner
        if not manner.concerns(scope):
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(manner.seconds)
        await (manner.answer() or self.app)(scope, receive, send)


def switched(token: str | None) -> tuple[list[Route], list[Middleware]]:
    """Return the switches' routes, and the layer that obeys them; nothing without a token."""
    if not token:
        return [], []
    switches = Switches(token)
    return switches.routes(), [Middleware(Switched, switches=switches)]
