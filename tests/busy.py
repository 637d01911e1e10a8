"""A busy machine: processes that compute without a pause, for tests of what others' load must not do to us."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Linux ends it with its parent (PR_SET_PDEATHSIG), also where that is killed; it says when it has begun.
LOOP = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit()
print("busy", flush=True)
while True:
    pass
"""


@contextmanager
def busy(loops: int = 0) -> Iterator[list[int]]:
    """Has so many processes compute meanwhile, two for each core unless said otherwise; gives their ids."""
    command = [sys.executable, "-S", "-c", LOOP, str(os.getpid())]
    count = loops or 2 * (os.cpu_count() or 1)
    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(count)]
    try:
        for one in started:
            assert one.stdout is not None
            one.stdout.readline()
        yield [one.pid for one in started]
    finally:
        for one in started:
            one.kill()
            one.communicate()
