"""The table of a service of kind `celery`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drillbook.system.services import Service
from drillbook.system.strict import Name


class CeleryService(Service):
    """A Celery application, seen through its broker, a redis service of the file: it has no address of its own.

    `key_prefix`, `priority_steps` and `separator` are as in the application's `broker_transport_options`, and left out
    where it states none.
    """

    broker: Name
    """The redis service of this file that is its broker."""
    queues: list[str] = Field(default=["celery"], min_length=1)
    """Its queues."""
    exchanges: list[str] = []
    """The exchanges that queues are bound to, beside `celery` and one of the queue's own name."""
    key_prefix: str = ""
    """The application's `global_keyprefix`."""
    priority_steps: list[Annotated[int, Field(ge=0)]] = Field(default=[0, 3, 6, 9], min_length=1)
    """The application's `priority_steps`."""
    separator: str = Field(default="\x06\x16", min_length=1)
    """The application's `sep`: what stands between a queue's name and a priority."""
    prefetch: bool = True
    """Say `false` where workers take no job while they do one (`worker_disable_prefetch`): a busy worker then looks
    like a frozen one."""
