"""Whether a worker's own loop turns and beat sends, told to the engine's health check through a file's age.

`python -m standin.alive` exits 0 while the file is young. The worker touches it from its event loop's timer, so a
hung main process is seen, and asking costs neither the broker nor the worker anything; beat, whenever it has sent.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celery import Celery

HEARTBEAT = Path("/tmp/alive")  # noqa: S108 - inside a container of its own
EVERY_SECONDS = 1.0
STALE_SECONDS = 10.0


def touch_from(celery: Celery) -> None:
    """Let the workers of `celery` touch the file while they are connected to the broker, and beat when it has sent."""
    from celery import bootsteps, signals  # only they need it

    @signals.after_task_publish.connect(weak=False)
    def sent(**_: Any) -> None:
        HEARTBEAT.touch()

    class Alive(bootsteps.StartStopStep):
        """A step of the consumer: begun when it is connected, ended when it is not."""

        requires = ("celery.worker.consumer.tasks:Tasks",)
        timer: Any = None

        def start(self, parent: Any) -> None:
            HEARTBEAT.touch()
            self.timer = parent.timer.call_repeatedly(EVERY_SECONDS, HEARTBEAT.touch)

        def stop(self, _: Any) -> None:
            if self.timer:
                self.timer.cancel()

    celery.steps["consumer"].add(Alive)


def age() -> float:
    """Return how many seconds ago the worker's loop turned; infinite before its first turn."""
    try:
        return time.time() - HEARTBEAT.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


if __name__ == "__main__":
    sys.exit(age() > STALE_SECONDS)
