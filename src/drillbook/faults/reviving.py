"""The way back for whatever happened to a container."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.stack.handle import Handle

STOPPED = ("exited", "created", "dead")


@contextmanager
def revived(handle: Handle) -> Iterator[None]:
    """Leaves with the container running, whatever was done to it meanwhile."""
    try:
        yield
    finally:
        revive(handle)


def revive(handle: Handle) -> None:
    """Starts, unpauses or replaces the container, as it needs; Mistakes where that cannot be done."""
    try:
        state = handle.state()
    except Refused:  # it may be gone: a new one is checked as strictly
        handle.recreate()
        return
    if state == "paused":
        handle.unpause()
    elif state in STOPPED:
        handle.start()
