"""Children of a run: processes that die with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from drillbook.supervisor.process import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Run(Protocol):
    """A run as its children see it: who owns it, and who is told of them. A Supervisor is one."""

    @property
    def owner(self) -> str:
        """The supervisor, as the run's labels name it."""

    def register(self, pid: int) -> None:
        """Has a process ended with the run."""


TETHER = Path(__file__).with_name("tether.py")


def child(
    run: Run, command: Sequence[str], *, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.Popen[Any]:
    """Starts `command` as a child of the run, in a process group of its own; `options` are Popen's.

    It dies when the run does, and so do its own children. FileNotFoundError where there is no such program.
    """
    environ = {**(os.environ if env is None else env), MARK: run.owner}
    found = shutil.which(command[0], path=environ.get("PATH"))
    if found is None:
        raise FileNotFoundError(command[0])
    started = subprocess.Popen(tethered([found, *command[1:]]), env=environ, process_group=0, **options)
    run.register(started.pid)
    return started


def tethered(command: Sequence[str]) -> list[str]:
    """`command`, tied to this process: it is ended when this process ends; as it is in a thread.

    The kernel ties a child to the thread that started it: the child of a thread would die as soon as the thread is
    done. The supervisor ends it all the same.
    """
    if threading.current_thread() is not threading.main_thread():
        return [*command]
    return [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *command]
