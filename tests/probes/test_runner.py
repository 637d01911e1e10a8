"""The caller gets its answer or a TimeoutError at the deadline, whatever the coroutine does."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time

import pytest

from drillbook.probes.failure import Unresolved
from drillbook.probes.runner import hurried, run


async def stubborn():
    """Ignores that it is cancelled."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            continue


async def blocking():
    time.sleep(1.5)


async def answer():
    return 42


async def fail():
    raise KeyError("x")


def test_an_answer_and_an_exception_are_the_callers():
    assert run(answer(), within=1) == 42
    with pytest.raises(KeyError):
        run(fail(), within=1)


@pytest.mark.parametrize("coroutine", [stubborn, blocking])
def test_a_coroutine_that_will_not_end_is_left_behind(coroutine):
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        run(coroutine(), within=0.2)
    assert run(answer(), within=0.5) == 42
    assert time.monotonic() - begun < 1.0


def test_a_hurried_coroutine_that_will_not_end_is_left_behind():
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.2 s"):
        run(hurried(stubborn(), 0.2), within=3)
    assert time.monotonic() - begun < 1.0


def test_a_hung_name_lookup_is_told_from_a_mute_target(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1.5))
    with pytest.raises(Unresolved, match=r"nowhere\.test did not resolve within 0\.2 s"):
        run(hurried(asyncio.open_connection("nowhere.test", 80), 0.2), within=3)


def test_names_are_resolved():
    async def look_up():
        return await asyncio.get_running_loop().getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)

    assert run(look_up(), within=2)
    with pytest.raises(socket.gaierror):
        run(asyncio.wait_for(_no_such_name(), 2), within=3)


async def _no_such_name():
    return await asyncio.get_running_loop().getaddrinfo("", "no such port name")


def test_a_hung_lookup_does_not_hold_up_the_exit():
    code = (
        "import socket, time, asyncio; socket.getaddrinfo = lambda *a, **k: time.sleep(30)\n"
        "from drillbook.probes.runner import hurried, run\n"
        "try: run(hurried(asyncio.open_connection('x.test', 80), 0.1), within=1)\n"
        "except TimeoutError as error: print(error)\n"
    )
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, "did not resolve" in done.stdout, done.stderr) == (0, True, "")
    assert time.monotonic() - begun < 5
