"""The caller gets its answer or a TimeoutError at the deadline, whatever the coroutine does."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from drillbook.probes.failure import Unresolved
from drillbook.probes.runner import hurried, run

PATIENCE = 60.0  # a machine may be slow: what is waited for so long is waited for in vain


class Endless:
    """What does not end by itself before it is let go, however long it is waited for: `ended` says whether it did."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.ended = False

    async def stubborn(self):
        """Ignores that it is cancelled."""
        while not self.over.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)
        self.ended = True

    async def blocking(self):
        """Blocks the loop that it runs in."""
        self.block()

    def block(self, *_, **__):
        self.over.wait(2 * PATIENCE)
        self.ended = True


@pytest.fixture
def endless():
    """Something without an end; let go with the test."""
    one = Endless()
    yield one
    one.over.set()


async def answer():
    return 42


async def fail():
    raise KeyError("x")


def test_an_answer_and_an_exception_are_the_callers():
    assert run(answer(), within=PATIENCE) == 42
    with pytest.raises(KeyError):
        run(fail(), within=PATIENCE)


@pytest.mark.parametrize("how", ["stubborn", "blocking"])
def test_a_coroutine_that_will_not_end_is_left_behind(endless, how):
    with pytest.raises(TimeoutError):
        run(getattr(endless, how)(), within=0.2)
    assert run(answer(), within=PATIENCE) == 42
    assert not endless.ended


def test_a_hurried_coroutine_that_will_not_end_is_left_behind(endless):
    with pytest.raises(TimeoutError, match=r"no answer within 0\.\d s"):
        run(hurried(endless.stubborn(), 0.2), within=PATIENCE)
    assert not endless.ended


def test_a_hung_name_lookup_is_told_from_a_mute_target(endless, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", endless.block)
    with pytest.raises(Unresolved, match=r"nowhere\.test did not resolve within 0\.2 s"):
        run(hurried(asyncio.open_connection("nowhere.test", 80), 0.2), within=PATIENCE)
    assert not endless.ended


def test_names_are_resolved():
    async def look_up():
        return await asyncio.get_running_loop().getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)

    assert run(look_up(), within=PATIENCE)
    with pytest.raises(socket.gaierror):
        run(_no_such_name(), within=PATIENCE)


async def _no_such_name():
    return await asyncio.get_running_loop().getaddrinfo("", "no such port name")


def test_a_hung_lookup_does_not_hold_up_the_exit():
    code = (
        "import socket, time, asyncio; socket.getaddrinfo = lambda *a, **k: time.sleep(600)\n"
        "from drillbook.probes.runner import hurried, run\n"
        "try: run(hurried(asyncio.open_connection('x.test', 80), 0.1), within=60)\n"
        "except TimeoutError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "did not resolve" in done.stdout, done.stderr) == (0, True, "")
