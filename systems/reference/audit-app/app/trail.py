"""The audit trail: who asked for what and what became of it, written to a table behind the requests' backs."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import TYPE_CHECKING

from psycopg import Error

from standin.limiter import client_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from standin.pool import Database

LOG = logging.getLogger("app.trail")
INSERT = "INSERT INTO audit_log (ip_address, status, path) VALUES (%s, %s, %s)"
MOST_WAITING = 10000
PAUSE_SECONDS = 0.5


class Trail:
    """What waits to be written; what does not fit any more is dropped."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.waiting: queue.Queue[tuple[str, int, str]] = queue.Queue(MOST_WAITING)

    def start(self) -> None:
        """Write for as long as the process lives, in a thread of its own."""
        threading.Thread(target=self._write_all, daemon=True, name="trail").start()

    def note(self, address: str, status: int, path: str) -> None:
        """Note one request."""
        if not self.waiting.full():
            self.waiting.put((address, status, path))

    def _write_all(self) -> None:
        while True:
            time.sleep(PAUSE_SECONDS)
            entries = [self.waiting.get() for _ in range(self.waiting.qsize())]
            try:
                self._write(entries)
            except Error as error:
                LOG.error("%s entries are lost: database: %s", len(entries), str(error).strip())

    def _write(self, entries: list[tuple[str, int, str]]) -> None:
        if entries:
            with self.database.connection() as connection, connection.cursor() as cursor:
                cursor.executemany(INSERT, entries)


class Trailed:
    """Notes each request with the status that it was answered."""

    def __init__(self, app: ASGIApp, trail: Trail) -> None:
        self.app = app
        self.trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note what comes back."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.trail.note(client_of(scope), message["status"], scope["path"])
            await send(message)

        await self.app(scope, receive, noting)
