"""Children die with their run, whichever of the two ways is left, and nobody else does."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from drillbook.supervisor import child
from drillbook.supervisor.ending import end_processes
from drillbook.supervisor.process import MARK, kill, look

RUN = SimpleNamespace(owner="test-children", register=lambda _: None)
TIED = """
import os, subprocess
from types import SimpleNamespace
from drillbook.supervisor import child
run = SimpleNamespace(owner="test-children", register=lambda pid: None)
out = subprocess.PIPE if {waits} else subprocess.DEVNULL
started = child(run, ["sh", "-c", "echo there; exec sleep 300"], stdout=out, stderr=subprocess.DEVNULL)
if {waits}:
    started.stdout.readline()
print(started.pid, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def sleeper():
    """A process of this test's, which nobody marked."""
    with subprocess.Popen(["sleep", "300"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("waits", [True, False], ids=["later", "before it is tied"])
def test_a_child_dies_with_the_run_where_no_supervisor_is_left(waits):
    script = TIED.replace("{waits}", str(waits))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    until = time.monotonic() + 60
    while (found := look(int(done.stdout))) and not found.ended and time.monotonic() < until:
        time.sleep(0.01)
    if found and not found.ended:
        kill(found)
        pytest.fail("the child runs on")


def test_a_child_that_a_thread_started_outlives_the_thread():
    started = []

    def work():
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = child(RUN, ["sh", "-c", "echo there; exec cat"], **pipes)
        process.stdout.readline()
        started.append(process)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    while Path(f"/proc/self/task/{thread.native_id}").exists():
        time.sleep(0.01)
    with started[0] as process:
        process.stdin.write(b"still there\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"still there\n"
        process.kill()


def test_a_child_leads_a_group_of_its_own_and_is_marked():
    with child(
        RUN,
        [sys.executable, "-c", f"import os; print(os.getpgrp(), os.environ[{MARK!r}])"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.read().split() == [str(process.pid), "test-children"]


def test_a_child_ignores_no_signal_that_a_program_expects():
    with child(RUN, ["grep", "SigIgn", "/proc/self/status"], stdout=subprocess.PIPE, text=True) as process:
        ignored = int(process.stdout.read().split()[1], 16)
    assert not ignored & (1 << 12)  # SIGPIPE


def test_a_program_that_is_not_there_is_said_at_once():
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        child(RUN, ["no-such-program"])


def test_a_registered_process_is_ended_with_its_group():
    script = "sleep 300 & echo $!; exec sleep 300"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, process_group=0) as leader:
        member = int(leader.stdout.readline())
        ended, still = end_processes("nobody", {(leader.pid, look(leader.pid).started)})
    assert (set(ended), still) == ({leader.pid, member}, [])


def test_a_process_with_a_recycled_pid_is_left_alone(sleeper):
    started = look(sleeper.pid).started
    assert end_processes("nobody", {(sleeper.pid, started - 1), (sleeper.pid, started + 1)}) == ([], [])
    assert sleeper.poll() is None


ENDS_ITS_LEADER = """
import os
from drillbook.supervisor.ending import end_processes
from drillbook.supervisor.process import look

leader = os.getpgrp()
print(end_processes("nobody", {(leader, look(leader).started)}) == ([leader], []))
"""


def test_the_group_of_this_process_is_never_ended():
    shell = 'sleep 300 >/dev/null 2>&1 & echo $!; "$0" -c "$1"; true'
    words = ["sh", "-c", shell, sys.executable, ENDS_ITS_LEADER]
    done = subprocess.run(words, process_group=0, capture_output=True, text=True, timeout=60, check=False)
    neighbour, only_the_leader_ended = done.stdout.split()
    assert (done.returncode, only_the_leader_ended) == (-9, "True"), done
    left = look(int(neighbour))
    assert left
    assert not left.ended
    kill(left)


def test_a_mark_that_only_begins_alike_is_not_the_mark(sleeper):
    marked = subprocess.Popen(["sleep", "300"], env={**os.environ, MARK: "boot:12:345"})
    try:
        assert end_processes("boot:12:34", ()) == ([], [])
        assert end_processes("boot:12:345", ()) == ([marked.pid], [])
    finally:
        marked.kill()
        marked.wait()
    assert sleeper.poll() is None
