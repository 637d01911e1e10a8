"""Who may ask: whoever carries the token; all others are answered 401."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request

from standin.handlers import refused
from standin.upstream import require_key

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Authorised:
    """Lets through who carries the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse."""
        request = Request(scope)
        try:
            require_key(request, self.token)
        except HTTPException as error:
            await refused(request, error)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
