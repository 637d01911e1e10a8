"""Jobs handed to Celery: accepted once the broker has them, and listed once a worker has done them."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

from kombu.exceptions import KombuError, OperationalError
from redis import RedisError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from standin.handlers import in_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery import Celery

    from standin.handlers import Call
    from standin.pool import Database

LOG = logging.getLogger("standin.jobs")

DONE = """
    SELECT id, key, name, deliveries, finished_at::text FROM jobs_done
    WHERE id > %(since)s ORDER BY id LIMIT %(limit)s
"""


class Jobs:
    """The route /jobs; `tasks` maps the names that clients use to those of Celery's tasks."""

    def __init__(self, celery: Celery, database: Database, tasks: Mapping[str, str]) -> None:
        self.celery = celery
        self.database = database
        self.tasks = tasks

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/jobs", in_thread(self.enqueue), methods=["POST"]),
            Route("/jobs", in_thread(self.done), methods=["GET"]),
        ]

    def enqueue(self, call: Call) -> JSONResponse:
        """Answer 202 after the broker took the job; 503 if it may not have."""
        name = call.field("name", str)
        if name not in self.tasks:
            raise HTTPException(422, f"name must be one of {', '.join(self.tasks)}")
        job = str(uuid.uuid4())
        key = str(call.body.get("key") or job)
        self._send(self.tasks[name], key=key, job=job)
        return JSONResponse({"job": job, "key": key}, status_code=202)

    def done(self, call: Call) -> JSONResponse:
        """List what workers finished, oldest first."""
        return JSONResponse({"jobs": self.database.rows(DONE, call.page())})

    def _send(self, task: str, *, key: str, job: str) -> None:
        try:
            self.celery.send_task(task, kwargs={"key": key}, task_id=job, retry=False)
        except (OperationalError, KombuError, RedisError, OSError) as error:
            LOG.error("job %s: broker: %s", job, error)
            raise HTTPException(503, "the broker is not available") from error
