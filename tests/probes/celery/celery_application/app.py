"""A Celery application whose settings come from the environment, as JSON; runs in the reference image."""

import json
import os
import time

from celery import Celery

app = Celery("tests", broker="redis://127.0.0.1:6379/0")
app.conf.update({"task_ignore_result": True, "worker_prefetch_multiplier": 1} | json.loads(os.environ["CONF"]))


@app.task(name="nap")
def nap(seconds: float = 0) -> None:
    """Sleep for so many seconds."""
    time.sleep(seconds)


def send(jobs: int, seconds: float = 0, **where: object) -> None:
    """Put so many jobs into a queue."""
    with app.connection_for_write() as connection:
        for _ in range(jobs):
            nap.apply_async((seconds,), connection=connection, **where)


def declare(queue: str, exchange: str) -> None:
    """Bind a queue to a topic exchange, as a worker or a sender does, and put nothing into it."""
    from kombu import Exchange, Queue

    with app.connection_for_write() as connection:
        Queue(queue, Exchange(exchange, type="topic"), routing_key="reports.#").bind(connection).declare()
