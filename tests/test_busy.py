"""The load that tests put on the machine is there while they need it, and goes with them in whatever way they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drillbook.common.polling import until

PATIENCE = 60.0
KILLED = """
import importlib.util, os, signal, sys
spec = importlib.util.spec_from_file_location("busy", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
with module.busy(1) as pids:
    print(*pids, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def computes(pid: int) -> int:
    """How long a process has computed, in ticks; -1 where it is gone."""
    try:
        state, *numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return -1 if state == "Z" else int(numbers[10])


def test_the_loops_compute_meanwhile_and_are_gone_afterwards(busy):
    with busy(2) as pids:
        assert len(pids) == 2
        assert all(until(lambda pid=pid: computes(pid) > 5, within=PATIENCE) for pid in pids)
    assert [computes(pid) for pid in pids] == [-1, -1]


def test_the_loops_are_gone_where_the_test_breaks_off(busy):
    with pytest.raises(KeyError), busy(1) as pids:
        raise KeyError
    assert computes(pids[0]) == -1


def test_the_loops_are_gone_where_the_tests_are_killed():
    command = [sys.executable, "-c", KILLED, str(Path(__file__).with_name("busy.py"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == -signal.SIGKILL
    [pid] = map(int, done.stdout.split())
    assert pid != os.getpid()
    assert until(lambda: computes(pid) == -1, within=PATIENCE)
