"""A leak of transactions: for drills only, switched on through `trouble`."""

from __future__ import annotations

import select
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from psycopg import OperationalError

if TYPE_CHECKING:
    from standin.pool import Database

LOOK_SECONDS = 0.2  # how often a leaked connection looks up
PATIENCE_SECONDS = 10.0  # how long a leak waits for its turn to take a connection


class Leak:
    """Connections taken from the application's own pool and left idle in transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.held = 0
        self._over = threading.Event()
        self._count = threading.Lock()

    def take(self, connections: int) -> None:
        """Leak so many more; those that the pool does not give are not held."""
        for _ in range(connections):
            threading.Thread(target=self._hold, args=(self._over,), daemon=True, name="leak").start()

    def end(self) -> None:
        """Give back what is still held."""
        self._over.set()
        self._over = threading.Event()

    def _hold(self, over: threading.Event) -> None:
        """Hold one until it is over, or until the server ends the session: then the pool replaces it."""
        with suppress(OperationalError), self.database.connection(PATIENCE_SECONDS) as connection:
            connection.execute("SELECT count(*) FROM pg_class")
            self._add(1)
            try:
                while not over.is_set() and not readable(connection.fileno()):
                    pass
            finally:
                self._add(-1)

    def _add(self, difference: int) -> None:
        with self._count:
            self.held += difference


def readable(descriptor: int) -> bool:
    """Wait a moment; return whether the server sent something unasked, such as the end of the session."""
    return bool(select.select([descriptor], [], [], LOOK_SECONDS)[0])
