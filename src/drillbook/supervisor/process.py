"""Processes as Linux shows them in /proc: which one it is, which are marked as a run's, and how one is ended.

A pid alone names nobody for long: a process is its pid and its start time.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
MARK = "DRILLBOOK_SUPERVISED_BY"
INIT = 1


@dataclass(frozen=True)
class Process:
    """One process; `started` is in clock ticks since the machine's start (field 22 of `/proc/PID/stat`)."""

    pid: int
    started: int
    state: str
    parent: int
    group: int

    @property
    def ended(self) -> bool:
        """Whether it runs no more and only waits for its parent to notice."""
        return self.state in ("Z", "X")

    def same(self, pid: int, started: int) -> bool:
        """Whether it is the process that had this pid and start time."""
        return (self.pid, self.started) == (pid, started)


def look(pid: int) -> Process | None:
    """The process that has `pid` now; None where there is none."""
    try:
        said = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    words = said.rpartition(")")[2].split()  # the name before it may hold spaces and parentheses
    return Process(pid, int(words[19]), words[0], int(words[1]), int(words[2]))


def everyone() -> Iterator[Process]:
    """Every process that runs now."""
    found = (look(int(entry.name)) for entry in PROC.iterdir() if entry.name.isdecimal())
    return (process for process in found if process and not process.ended)


def is_marked(process: Process, mark: str) -> bool:
    """Whether `process` was started with the mark of the run's supervisor in its environment."""
    try:
        variables = (PROC / str(process.pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"{MARK}={mark}".encode() in variables


def handle_of(pid: int) -> int | None:
    """A file descriptor that stands for the process whatever becomes of its pid; None where the kernel gives none."""
    try:
        return os.pidfd_open(pid)
    except OSError:  # gone, or a kernel before 5.3, or a sandbox that forbids it
        return None


def kill(process: Process) -> None:
    """Ends `process` at once; where its pid belongs to another one by now, does nothing."""
    handle = handle_of(process.pid)
    now = look(process.pid)
    if now and now.same(process.pid, process.started):
        with contextlib.suppress(OSError):
            _send_kill(process.pid, handle)
    if handle is not None:
        os.close(handle)


def _send_kill(pid: int, handle: int | None) -> None:
    if handle is None:
        os.kill(pid, signal.SIGKILL)
    else:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
