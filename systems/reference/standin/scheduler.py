"""A scheduler in the API's own process: jobs that run at intervals, pause, and have executions with a status.

It has no lock: two processes that schedule run every job twice, as many real ones do.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import Error
from psycopg_pool import PoolTimeout, TooManyRequests
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from standin.handlers import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.middleware import Middleware

    from standin.handlers import Call
    from standin.pool import Database

    Work = Callable[[dict[str, Any]], str]  # does a job, and returns the status of that execution

LOG = logging.getLogger("standin.scheduler")
LOOK_SECONDS = 0.5
STALE_SECONDS = 5.0
TABLES = (
    """
    CREATE TABLE jobs (
        id               integer PRIMARY KEY,
        name             text NOT NULL UNIQUE,
        platform         text NOT NULL,
        interval_minutes double precision NOT NULL CHECK (interval_minutes > 0),
        paused           boolean NOT NULL DEFAULT false
    )
    """,
    """
    CREATE TABLE job_executions (
        id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        job_id      integer NOT NULL REFERENCES jobs,
        status      text NOT NULL,
        started_at  timestamptz NOT NULL,
        finished_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX job_executions_of ON job_executions (job_id, started_at)",
)
FIELDS = """
    SELECT id, name, platform, interval_minutes, CASE WHEN paused THEN 'paused' ELSE 'active' END AS status,
        (SELECT max(started_at)::text FROM job_executions WHERE job_id = jobs.id) AS last_run
    FROM jobs
"""
ALL = FIELDS + " WHERE %(platform)s::text IS NULL OR platform = %(platform)s ORDER BY id"
ONE = FIELDS + " WHERE id = %(id)s"
ACTIVE = "SELECT id, name, platform, interval_minutes FROM jobs WHERE NOT paused"
CHANGE = "UPDATE jobs SET interval_minutes = %(minutes)s WHERE id = %(id)s RETURNING id"
PAUSE = "UPDATE jobs SET paused = %(paused)s WHERE id = %(id)s RETURNING id"
NOTE = """
    INSERT INTO job_executions (job_id, status, started_at)
    VALUES (%(job)s, %(status)s, to_timestamp(%(at)s)) RETURNING id
"""
EXECUTIONS = """
    SELECT id, status, started_at::text, finished_at::text FROM job_executions
    WHERE job_id = %(id)s ORDER BY id DESC LIMIT %(limit)s
"""
FORGET = "DELETE FROM job_executions WHERE started_at < now() - interval '1 hour' RETURNING id"
NOT_NOW = (Error, PoolTimeout, TooManyRequests)


@dataclass
class Turn:
    """When a job is due next, and whether it still runs."""

    due: float = 0.0
    running: bool = False


class Scheduler:
    """Runs what is due, each job in a thread of its own, so that a slow one holds up no other."""

    def __init__(self, database: Database, work: Work) -> None:
        self.database = database
        self.work = work
        self.on = threading.Event()
        self.turns: dict[int, Turn] = {}
        self._looked = 0.0

    @property
    def running(self) -> bool:
        """Whether its own loop turns and gives jobs their turns."""
        return self.on.is_set() and time.monotonic() - self._looked < STALE_SECONDS

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self.on.set()
        threading.Thread(target=self._go_on, daemon=True, name="scheduler").start()

    def _go_on(self) -> None:
        while True:
            if self.on.is_set():
                self._looked = time.monotonic()
                self._look()
            time.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        """Begin what is due."""
        try:
            jobs = self.database.rows(ACTIVE)
        except NOT_NOW as error:
            LOG.warning("jobs cannot be read: %s", str(error).strip())
            return
        for job in jobs:
            turn = self.turns.setdefault(job["id"], Turn())
            if time.monotonic() >= turn.due and not turn.running:
                turn.due, turn.running = time.monotonic() + job["interval_minutes"] * 60, True
                threading.Thread(target=self._run, args=(job, turn), daemon=True).start()

    def _run(self, job: dict[str, Any], turn: Turn) -> None:
        at = time.time()
        try:
            status = self.work(job)
            self.database.rows(NOTE, {"job": job["id"], "status": status, "at": at})
            self.database.rows(FORGET)
        except NOT_NOW as error:
            LOG.warning("%s: not noted: %s", job["name"], str(error).strip())
        finally:
            turn.running = False


class Jobs:
    """The routes under /api/jobs."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def routes(self, edge: Sequence[Middleware] = ()) -> list[Route]:
        """Return the routes of this part, behind `edge`."""
        one = "/api/jobs/{id:int}"
        return [
            Route("/api/jobs", in_thread(self.all), middleware=edge),
            Route(one, in_thread(self.get), methods=["GET"], middleware=edge),
            Route(one, in_thread(self.change), methods=["PUT"], middleware=edge),
            Route(f"{one}/pause", in_thread(self.pause), methods=["POST"], middleware=edge),
            Route(f"{one}/resume", in_thread(self.resume), methods=["POST"], middleware=edge),
            Route(f"{one}/executions", in_thread(self.executions), middleware=edge),
        ]

    def all(self, call: Call) -> JSONResponse:
        """List the jobs, or those of one platform: a list and nothing around it."""
        return JSONResponse(self.database.rows(ALL, {"platform": call.query.get("platform")}))

    def get(self, call: Call) -> JSONResponse:
        """Answer with one job; 404 where there is none."""
        found = self.database.rows(ONE, {"id": call.path["id"]})
        if not found:
            raise HTTPException(404, "no such job")
        return JSONResponse(found[0])

    def change(self, call: Call) -> JSONResponse:
        """Have it run at another interval, from its next turn on."""
        minutes = call.body.get("interval_minutes")
        if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not minutes > 0:
            raise HTTPException(422, "interval_minutes must be given, as a number above 0")
        self.database.rows(CHANGE, {"id": call.path["id"], "minutes": minutes})
        return self.get(call)

    def pause(self, call: Call) -> JSONResponse:
        """Have it rest."""
        self.database.rows(PAUSE, {"id": call.path["id"], "paused": True})
        return self.get(call)

    def resume(self, call: Call) -> JSONResponse:
        """Have it run again."""
        self.database.rows(PAUSE, {"id": call.path["id"], "paused": False})
        return self.get(call)

    def executions(self, call: Call) -> JSONResponse:
        """List its executions, the newest first."""
        return JSONResponse(self.database.rows(EXECUTIONS, {"id": call.path["id"], **call.page()}))
