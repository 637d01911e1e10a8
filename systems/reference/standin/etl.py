"""ETL: each run of a pipeline has its outcome in a table, and one that brings nothing has failed.

How fresh the data is follows from that table alone, whoever started the run: the schedule or a person.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from psycopg import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from standin.pool import Database

LOG = logging.getLogger("standin.etl")
PAUSE_SECONDS = 1.0  # until a run is tried again of which nobody could take note

TABLE = """
    CREATE TABLE etl_runs (
        id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        pipeline    text NOT NULL,
        status      text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'succeeded', 'failed')),
        settings    jsonb NOT NULL DEFAULT '{}',
        rows        integer NOT NULL DEFAULT 0,
        error       text,
        started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        finished_at timestamptz
    )
"""
BEGIN = "INSERT INTO etl_runs (pipeline, settings) VALUES (%(pipeline)s, %(settings)s::jsonb) RETURNING id"
END = """
    UPDATE etl_runs SET status = %(status)s, rows = %(rows)s, error = %(error)s, finished_at = clock_timestamp()
    WHERE id = %(id)s RETURNING id
"""
LAST = """
    SELECT status, rows, error, started_at::text, finished_at::text FROM etl_runs
    WHERE pipeline = %(pipeline)s ORDER BY id DESC LIMIT 1
"""


class Runs:
    """The runs of one pipeline; `settings` is a JSON object that is noted with each."""

    def __init__(self, database: Database, pipeline: str, settings: str = "{}") -> None:
        self.database = database
        self.names = {"pipeline": pipeline, "settings": settings}

    def run(self, work: Callable[[], int]) -> bool:
        """Do the work, which returns how many rows it brought; note the outcome and return whether it went well.

        Raise psycopg's error where no note can be taken: then nothing was done, or it stays noted as running.
        """
        run = self.database.rows(BEGIN, self.names)[0]
        ended = outcome(work)
        self.database.rows(END, {**run, **ended})
        return ended["status"] == "succeeded"

    def last(self) -> dict[str, Any] | None:
        """Return how the last run went; None before the first."""
        found = self.database.rows(LAST, self.names)
        return found[0] if found else None


def outcome(work: Callable[[], int]) -> Mapping[str, Any]:
    """Do the work and return how it went: an error, and no row at all, is a failure."""
    try:
        rows = work()
    except Exception as error:
        LOG.error("extraction failed: %s: %s", type(error).__name__, error)
        return {"status": "failed", "rows": 0, "error": f"{type(error).__name__}: {error}"[:500]}
    if not rows:
        LOG.error("extraction failed: no rows")
        return {"status": "failed", "rows": 0, "error": "no rows"}
    return {"status": "succeeded", "rows": rows, "error": None}


def repeat(run: Callable[[], bool], every: float) -> None:
    """Run for ever, `every` so many seconds; while the database, or its tables, are not there, look again soon."""
    while True:
        try:
            run()
        except Error as error:
            LOG.warning("no run: %s", str(error).strip())
            time.sleep(PAUSE_SECONDS)
        else:
            time.sleep(every)
