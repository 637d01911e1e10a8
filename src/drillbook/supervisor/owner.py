"""Who owns what a run created: the supervisor process, named so that every later process can tell whether it lives."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from drillbook.supervisor.process import INIT, look

LABEL = "drillbook"
OWNER_LABEL = "drillbook.owner"
_WRITTEN = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9]\d{0,9}):(\d{1,19}):(\d{1,19})", re.ASCII)


class Fate(Enum):
    """What became of an owner; UNKNOWN: it cannot be seen from here."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Owner:
    """A process: the machine's start it belongs to, its pid, its start time and the pid namespace it is counted in.

    The namespace is part of it because containers on one machine share its boot id, but not its pids.
    """

    boot: str
    pid: int
    started: int
    namespace: int

    def __str__(self) -> str:
        return f"{self.boot}:{self.pid}:{self.started}:{self.namespace}"

    def fate(self) -> Fate:
        """Whether it lives, as this process sees it; a process of an earlier start of this machine does not."""
        if self.boot != boot_id():
            return Fate.DEAD
        if self.namespace != pid_namespace():
            return Fate.UNKNOWN
        now = look(self.pid)
        # Ended, but not yet noticed by its parent: that is the run, which still lives.
        there = now and now.same(self.pid, self.started) and not (now.ended and now.parent == INIT)
        return Fate.ALIVE if there else Fate.DEAD


def owner_of(pid: int) -> Owner:
    """The process with `pid`, as an owner; ProcessLookupError where there is none."""
    found = look(pid)
    if found is None:
        raise ProcessLookupError(pid)
    return Owner(boot_id(), pid, found.started, pid_namespace())


def read_owner(text: str) -> Owner | None:
    """The owner that a label's value speaks of; None where it is not one that we write."""
    found = _WRITTEN.fullmatch(text)
    owner = found and Owner(found[1], int(found[2]), int(found[3]), int(found[4]))
    return owner if owner and str(owner) == text else None


def boot_id() -> str:
    """What names this start of this machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def pid_namespace() -> int:
    """The number of the pid namespace that this process is in."""
    return os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116 (a path in /proc, as the kernel's documents write it)
