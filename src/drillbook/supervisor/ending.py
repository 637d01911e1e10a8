"""Ends the processes of a run: those it registered with their groups, and all that carry its mark."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from drillbook.supervisor.process import everyone, is_marked, kill, look

if TYPE_CHECKING:
    from collections.abc import Collection

    from drillbook.supervisor.process import Process

WITHIN = 5.0
PAUSE = 0.02

Registered = tuple[int, int]  # pid, start time


def end_processes(mark: str, registered: Collection[Registered]) -> tuple[list[int], list[int]]:
    """Ends every process of the run, and those that they start meanwhile: the pids that ended, and those that did not.

    Two rounds without any are enough: what is ended cannot start another.
    """
    until = time.monotonic() + WITHIN
    seen: set[int] = set()
    rounds_without = 0
    while rounds_without < 2:
        there = of_the_run(mark, registered)
        if there and time.monotonic() > until:
            still = sorted(process.pid for process in there)
            return sorted(seen - set(still)), still
        for process in there:
            kill(process)
        seen |= {process.pid for process in there}
        rounds_without = 0 if there else rounds_without + 1
        time.sleep(PAUSE)
    return sorted(seen), []


def of_the_run(mark: str, registered: Collection[Registered]) -> list[Process]:
    """The processes of the run that are there now, never this one."""
    groups = {pid for pid, started in registered if _leads_a_group(pid, started)}
    return [
        process
        for process in everyone()
        if process.pid != os.getpid()
        and ((process.pid, process.started) in registered or process.group in groups or is_marked(process, mark))
    ]


def _leads_a_group(pid: int, started: int) -> bool:
    """Whether the registered process is there, if only to be noticed by its parent, and leads a group of its own.

    Once it is gone nothing says whose group that number is: then the mark alone finds who was in it.
    """
    found = look(pid)
    return found is not None and found.same(pid, started) and found.group == pid and pid != os.getpgrp()
