"""An orderly stop: SIGTERM and SIGHUP end a run as Ctrl-C does, with everything on the way out undone."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def orderly_stop() -> Iterator[None]:
    """Within it the first SIGTERM or SIGHUP raises KeyboardInterrupt; a second one leaves the rest to the supervisor.

    A signal that somebody else handles, or that is ignored (`nohup`), stays as it is; so does everything in a thread.
    """
    stop = _Stop()
    ours = [number for number in STOPPING if _is_free(number)]
    for number in ours:
        signal.signal(number, stop.on_signal)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) == stop.on_signal:
                signal.signal(number, signal.SIG_DFL)


class _Stop:
    def __init__(self) -> None:
        self.begun = False

    def on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (the signature of a handler)
        if self.begun:
            os._exit(128 + number)
        self.begun = True
        raise KeyboardInterrupt(signal.Signals(number).name)


def _is_free(number: signal.Signals) -> bool:
    """Whether a handler may be set here, and nobody has set one."""
    return threading.current_thread() is threading.main_thread() and signal.getsignal(number) is signal.SIG_DFL
