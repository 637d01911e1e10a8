"""What is looked at behind the requests' backs: whether workers answer, and what becomes of memory."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from standin import memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery

LOG = logging.getLogger("app.watch")
PING_SECONDS = 3.0
BELIEVED_SECONDS = 10.0  # how long an answer of the workers counts
SAMPLES = 30  # a second apart
GROWTH_MB = 8.0  # from each third of the samples to the next
KILLED_SECONDS = 60.0  # how long a process that was killed for want of memory is spoken of


def every(seconds: float, look: Callable[[], None]) -> None:
    """Look again and again, in a thread of its own."""

    def go_on() -> None:
        while True:
            look()
            time.sleep(seconds)

    threading.Thread(target=go_on, daemon=True, name="watch").start()


class Workers:
    """Whether a Celery worker answered lately, and since when it has been at its oldest job."""

    def __init__(self, celery: Celery) -> None:
        self.celery = celery
        self._answered = float("-inf")
        self._begun: list[float] = []

    @property
    def answer(self) -> bool:
        """Whether one did."""
        return time.monotonic() - self._answered < BELIEVED_SECONDS

    @property
    def oldest_job(self) -> float | None:
        """For how many seconds the oldest job under way has been; 0 without one, None where nobody answered."""
        return max([0.0, *(time.time() - at for at in self._begun)]) if self.answer else None

    def look(self) -> None:
        """Ask what they are at; one answer is enough, for there is one worker."""
        try:
            for answer in self.celery.control.broadcast("active", reply=True, timeout=PING_SECONDS, limit=1) or []:
                [jobs] = answer.values()
                self._begun = [job["time_start"] for job in jobs if job["time_start"]]
                self._answered = time.monotonic()
        except Exception as error:  # kombu's, redis's or the system's: nobody answered
            LOG.warning("workers cannot be asked: %s", error)


class Memory:
    """What this container uses of its memory, whether that grows and grows, and what was killed for want of it."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=SAMPLES)
        self._kills = memory.kills()
        self._killed: deque[float] = deque(maxlen=100)

    def look(self) -> None:
        """Take one sample."""
        if (used := memory.told()["used_mb"]) is not None:
            self._samples.append(used)
        kills = memory.kills()
        self._killed.extend([time.monotonic()] * max(0, kills - self._kills))
        self._kills = kills

    def told(self) -> dict[str, Any]:
        """Say how it is."""
        since = time.monotonic() - KILLED_SECONDS
        kills = sum(at > since for at in list(self._killed))
        return {**memory.told(), "leaks": leaks(list(self._samples)), "oom_kills_last_minute": kills}


def leaks(samples: list[float]) -> list[dict[str, float]]:
    """Return what looks like a leak: even the least that was used rose from third to third of the samples."""
    third = SAMPLES // 3
    least = [min(samples[at : at + third]) for at in range(0, SAMPLES, third)] if len(samples) == SAMPLES else []
    grows = least and all(later - sooner >= GROWTH_MB for sooner, later in pairwise(least))
    return [{"seconds": SAMPLES, "growth_mb": round(least[-1] - least[0], 1)}] if grows else []
