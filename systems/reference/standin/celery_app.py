"""A Celery application on Redis, set up so that a broken broker is noticed soon and no accepted job is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection

from standin.broker import PRIORITY_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RETRY = {"interval_start": 0.2, "interval_step": 0.2, "interval_max": 1.0}

BROKER_OPTIONS = {
    "priority_steps": list(PRIORITY_STEPS),
    "queue_order_strategy": "priority",
    "visibility_timeout": 30,  # a job that a killed worker had begun is delivered again after so many seconds
    "socket_connect_timeout": 0.5,
    "socket_timeout": 2.0,
    "max_retries": 1,  # of one publication; workers and beat go on for ever
    **RETRY,
}


class PromptConnection(Connection):
    """Looks for a lost broker every second; Celery's own steps grow to half a minute and cannot be set."""

    def ensure_connection(
        self, errback: Callable[..., Any] | None = None, max_retries: int | None = None, **options: Any
    ) -> Connection:
        """Connect, retrying in short steps unless the caller asks for others."""
        return super().ensure_connection(errback, max_retries, **{**RETRY, **options})


class PromptAMQP(AMQP):
    """Celery's messaging, over prompt connections."""

    Connection = PromptConnection


def celery_application(name: str, *, broker: str, tasks: Sequence[str], schedule: dict[str, dict[str, Any]]) -> Celery:
    """Return the application; `tasks` are modules, `schedule` is beat's."""
    app = Celery(name, broker=broker, include=list(tasks), amqp=PromptAMQP)
    app.conf.update(
        beat_schedule=schedule,
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=1.0,
        broker_transport_options=BROKER_OPTIONS,
        task_acks_late=True,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        worker_hijack_root_logger=True,
        worker_prefetch_multiplier=1,
    )
    return app
