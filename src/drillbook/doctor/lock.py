"""One `doctor --fix` at a time per user: two would fetch and build the same things twice, or half."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drillbook.common.progress import under_way
from drillbook.doctor.say import say


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock file; says so when it has to wait. The kernel lets go of it when its holder dies."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another `drillbook doctor --fix` is at work; waiting for it")
            with under_way("waiting for the other `drillbook doctor --fix`", say=say):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
