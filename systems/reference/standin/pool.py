"""The database: a bounded pool of connections, each of which gives up on a server that falls mute.

A paused server still acknowledges at TCP level and obeys no statement timeout, so the client keeps the time itself.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import Connection, OperationalError
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, TooManyRequests

from standin import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.abc import PQGen

    from standin.settings import Settings

CHECK_SECONDS = 0.4  # how long an idle connection may take to prove that it still works
STATEMENT_SECONDS = 3.0  # the server's own limit
PATIENCE_SECONDS = 4.0  # the client's limit, for a server that is too paused to keep its own
ACQUIRE_SECONDS = 1.0
MOST_WAITING = 60  # for a connection; fewer than there are threads, so that the cache still serves meanwhile
RECONNECT_SECONDS = 1.5  # then the pool gives up until the next caller: its back-off never grows long
CONNECT_SECONDS = 2  # the shortest that libpq knows


class ImpatientConnection(Connection[dict[str, Any]]):
    """A connection that is closed, with an error, when the server does not answer in time."""

    patience = PATIENCE_SECONDS

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run one exchange with the server; raise OperationalError after `patience` seconds."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # it still waits for an answer, so nothing else can be sent over it
            raise


def prove_alive(connection: ImpatientConnection) -> None:
    """Raise if an idle connection does not answer quickly; the pool then discards it."""
    connection.patience = CHECK_SECONDS
    try:
        ConnectionPool.check_connection(connection)
    finally:
        connection.patience = PATIENCE_SECONDS


def new_pool(settings: Settings, name: str) -> ConnectionPool[ImpatientConnection]:
    """Return a pool that is not open yet; opening it does not wait for the database."""
    return ConnectionPool(
        settings.database,
        connection_class=ImpatientConnection,
        kwargs=connection_options(name),
        min_size=settings.pool_min,
        max_size=settings.pool_max,
        timeout=ACQUIRE_SECONDS,
        reconnect_timeout=RECONNECT_SECONDS,
        check=prove_alive,
        open=False,
        name=name,
    )


def connection_options(name: str) -> dict[str, Any]:
    """Return the options of every connection; `name` is what pg_stat_activity shows."""
    return {
        "application_name": name,
        "row_factory": dict_row,
        "prepare_threshold": None,  # a pooler in front gives each transaction another session of the server's
        "connect_timeout": CONNECT_SECONDS,
        "options": f"-c statement_timeout={int(STATEMENT_SECONDS * 1000)}",
        "keepalives_idle": 5,
        "tcp_user_timeout": 3000,
    }


class Database:
    """The pool. The only way to a connection is through here, so the gauges of its use are always true."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.pool = new_pool(settings, name)
        # Not the pool's own max_waiting: it counts those who gave up, and once full it never tries to connect again.
        self._room = threading.BoundedSemaphore(MOST_WAITING)

    def open(self) -> None:
        """Start connecting in the background; the database may be away."""
        self.pool.open(wait=False)

    def close(self) -> None:
        """Close what is open, without waiting for those who hold a connection."""
        self.pool.close(timeout=0.5)

    @contextmanager
    def connection(self, timeout: float = ACQUIRE_SECONDS) -> Iterator[ImpatientConnection]:
        """Lend one connection in a transaction: committed at the end, rolled back on an error."""
        with ExitStack() as stack:
            with self._queue():
                connection = stack.enter_context(self.pool.connection(timeout=timeout))
            stack.enter_context(metrics.POOL_IN_USE.track_inprogress())
            yield connection

    def rows(self, query: LiteralString, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return all rows of one query, run in a transaction of its own."""
        with self.connection() as connection:
            return connection.execute(query, values or {}).fetchall()

    def answers(self, timeout: float) -> bool:
        """Ask whether the application can use its database now; raise if not."""
        with self.connection(timeout=timeout) as connection:
            connection.execute("SELECT 1")
        return True

    @contextmanager
    def _queue(self) -> Iterator[None]:
        """Count who waits; refuse at once when too many do."""
        if not self._room.acquire(blocking=False):
            raise TooManyRequests(f"{MOST_WAITING} callers wait for a connection already")
        try:
            with metrics.POOL_WAITING.track_inprogress():
                yield
        finally:
            self._room.release()
