"""A name for every request, which its answer carries: X-Request-ID."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Named:
    """Puts the name on whatever is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and name the answer."""

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = str(uuid.uuid4())
            await send(message)

        await self.app(scope, receive, naming)
