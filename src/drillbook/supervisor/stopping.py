"""An orderly stop: SIGTERM and SIGHUP end a run as Ctrl-C does, with everything on the way out undone."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def orderly_stop() -> Iterator[Stop]:
    """Within it the first SIGTERM or SIGHUP raises KeyboardInterrupt; a second one leaves the rest to the supervisor.

    A signal that somebody else handles, or that is ignored (`nohup`), stays as it is; so does everything in a thread.
    """
    stop = Stop()
    before = dict.fromkeys(STOPPING, signal.SIG_DFL) | {signal.SIGINT: signal.default_int_handler}
    for number in STOPPING:
        if _is_as(before[number], number):
            signal.signal(number, stop.on_signal)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) == stop.on_signal:
                signal.signal(number, handler)


class Stop:
    """How far a stop is."""

    def __init__(self) -> None:
        self._asked = self._begun = self._winding_up = False

    def asks(self) -> bool:
        """Whether a signal has asked for one, even where what it raised was lost on its way."""
        return self._asked

    def wind_up(self, *, begun: bool) -> None:
        """From now on a signal, Ctrl-C too, interrupts nothing: what is left to do is what it would have us do.

        `begun` says whether something else has ended the run: then the next signal is the second one.
        """
        self._begun, self._winding_up = self._begun or begun, True
        if _is_as(signal.default_int_handler, signal.SIGINT):
            signal.signal(signal.SIGINT, self.on_signal)

    def on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (the signature of a handler)
        """Raises KeyboardInterrupt the first time, unless nothing is to be interrupted; then ends the process."""
        if self._begun:
            os._exit(128 + number)
        self._asked = self._begun = True
        if not self._winding_up:
            raise KeyboardInterrupt(signal.Signals(number).name)


def _is_as(handler: Any, number: signal.Signals) -> bool:
    """Whether a handler may be set here, and nobody has set another one."""
    return threading.current_thread() is threading.main_thread() and signal.getsignal(number) is handler
