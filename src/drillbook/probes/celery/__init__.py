"""A Celery application, seen through its Redis broker."""

from __future__ import annotations

from drillbook.system.kinds import Kind, Through

KIND = Kind(
    __name__,
    noun="queue",
    about="Each Celery application's queues, seen through the broker.",
    table="CeleryService",
    answers="Queue",
    through=Through("broker", kind="redis"),
    up="queue.workers",
    limits=("queue",),
    warm=("workers",),
    checked={"queue.depth": "depth", "queue.workers": "workers", "queue.stuck": "stuck"},
)
