"""What every task of a worker shares: a database per process, patience with it, and a note of what was done."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from celery.exceptions import Reject
from psycopg import OperationalError

from standin.pool import Database
from standin.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standin.pool import ImpatientConnection

NOTE_JOB = """
    INSERT INTO jobs_done (key, name) VALUES (%(key)s, %(name)s)
    ON CONFLICT (key) DO UPDATE SET deliveries = jobs_done.deliveries + 1
"""

NOTE_RUN = """
    INSERT INTO task_runs (name) VALUES (%(name)s)
    ON CONFLICT (name) DO UPDATE SET finished_at = now(), runs = task_runs.runs + 1
"""


@cache
def database() -> Database:
    """Return this process's database; Celery's children are forked before they first ask for it."""
    opened = Database(Settings(pool_min=1, pool_max=2), name="worker")
    opened.open()
    return opened


@contextmanager
def noted(name: str, key: str | None) -> Iterator[ImpatientConnection]:
    """Lend a transaction in which the work and the note that it was done are committed together.

    Without the database a client's job (one with a `key`) goes back to its queue, and a scheduled run is given up: the
    next one replaces it. Celery's own retry would publish anew, and lose the job if the broker is away too.
    """
    try:
        with database().connection() as connection:
            yield connection
            connection.execute(NOTE_RUN, {"name": name})
            if key:
                connection.execute(NOTE_JOB, {"key": key, "name": name})
    except OperationalError as error:  # the pool's errors are of this kind too
        raise Reject(error, requeue=bool(key)) from error
