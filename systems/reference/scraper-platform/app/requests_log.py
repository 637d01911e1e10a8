"""A line for every request, with an id that the answer carries too, in a file that is rotated by its age."""

from __future__ import annotations

import logging
import time
import uuid
from logging.handlers import TimedRotatingFileHandler
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

from app.settings import LOG_FILE
from standin import logs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("app.requests")
ROTATED_SECONDS = 20
KEPT = 5
HEADER = "X-Request-ID"
STARTED = time.time()


def configure() -> None:
    """Log to standard output, and to the file where it can be opened."""
    logs.configure(None)
    LOG.setLevel(logging.INFO)
    try:
        handler = TimedRotatingFileHandler(LOG_FILE, when="S", interval=ROTATED_SECONDS, backupCount=KEPT)
    except OSError as error:
        LOG.error("no log file: %s", error)
        return
    handler.setFormatter(logging.Formatter(logs.LINE))
    logging.getLogger().addHandler(handler)


def told() -> dict[str, Any]:
    """Say how large the largest log is, and how long ago one was put away: at first, how long ago we started."""
    every = [path.stat() for path in LOG_FILE.parent.glob(f"{LOG_FILE.name}*")]
    rotated = [path.stat().st_mtime for path in LOG_FILE.parent.glob(f"{LOG_FILE.name}.*")]
    largest = max((one.st_size for one in every), default=None)
    return {"largest_bytes": largest, "rotated_seconds_ago": time.time() - max(rotated, default=STARTED)}


class Logged:
    """Writes the line, under the id that the client gave, or a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and say what came of it."""
        name = Headers(scope=scope).get(HEADER, "")[:64] if scope["type"] == "http" else ""
        name = name if name.replace("-", "").isalnum() else str(uuid.uuid4())

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = name
                LOG.info("%s %s %s request_id=%s", scope["method"], scope["path"], message["status"], name)
            await send(message)

        await self.app(scope, receive, naming)
