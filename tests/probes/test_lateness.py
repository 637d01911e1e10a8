"""How late we are ourselves is seen, whatever holds us up; what nobody waited for is not said to be our lateness."""

from __future__ import annotations

import asyncio
import ctypes
import random
import socket
import threading
import time
from types import SimpleNamespace

import pytest

from drillbook.probes import lateness
from drillbook.probes.failure import TooBusy, classify
from drillbook.probes.lateness import PERIOD, SLACK, Stopwatch, TimedLoop, typical
from drillbook.probes.runner import hurried, run

HELD = 0.3
UNSEEN = PERIOD + SLACK  # what a step may wait for us without being noticed
USLEEP = ctypes.PyDLL(None).usleep  # which keeps the interpreter's lock, as some extensions do


class World:
    """A clock that goes on while a loop waits, and a peer that answers when it is time.

    `lag` is how much longer each wait lasts than it should; a stall of so many seconds comes at each of `stalls`.
    """

    def __init__(self, *, lag=0.0, stalls=()):
        self.now, self.lag, self.stalls = 0.0, lag, sorted(stalls)
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.answers = []

    def monotonic(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds + self.lag
        self.be_held_up()
        for at in [at for at in self.answers if at <= self.now]:
            self.answers.remove(at)
            self.theirs.send(b"x")

    def be_held_up(self):
        while self.stalls and self.stalls[0][0] <= self.now:
            self.now += self.stalls.pop(0)[1]

    async def exchange(self, *seconds):
        """Asks and is answered after so many seconds, once for each of them; computes before that where it is less."""
        for one in seconds:
            self.be_held_up()
            if one < 0:
                self.now -= one
                continue
            self.answers.append(self.now + one)
            await asyncio.get_running_loop().sock_recv(self.ours, 1)


@pytest.fixture
def timed(monkeypatch):
    """Times an exchange in a world whose time is a variable."""

    def run_it(world, *seconds):
        kernel, here = lateness.DefaultSelector.select, threading.current_thread()

        def select(selector, timeout=None):
            if threading.current_thread() is not here:  # another test's server, which lives in the real time
                return kernel(selector, timeout)
            if timeout:
                world.wait(timeout)
            return kernel(selector, 0)

        async def measured():
            with Stopwatch() as watch:
                await world.exchange(*seconds)
            return watch.timed()

        with monkeypatch.context() as patch:
            patch.setattr(lateness.DefaultSelector, "select", select)
            patch.setattr(lateness, "time", SimpleNamespace(monotonic=world.monotonic))
            loop = TimedLoop()
            loop.time = world.monotonic
            try:
                return loop.run_until_complete(measured())
            finally:
                loop.close()
                world.ours.close()
                world.theirs.close()

    return run_it


def test_a_loop_that_is_on_time_is_not_late(timed):
    assert timed(World(), 1) == {"took": pytest.approx(1, abs=PERIOD), "late": 0}


def test_what_an_idle_loop_is_late_by_does_not_count(timed):
    assert timed(World(lag=SLACK / 2), 1)["late"] == 0


def test_a_loop_that_is_always_late_keeps_an_answer_waiting_once(timed):
    found = timed(World(lag=0.05), 20)
    assert found["late"] == pytest.approx(0.05 + PERIOD)
    assert found["took"] - found["late"] <= 20 <= found["took"]


def test_a_loop_that_is_always_late_keeps_each_answer_waiting(timed):
    assert timed(World(lag=0.05), 0.2, 0.2, 0.2)["late"] == pytest.approx(3 * (0.05 + PERIOD))


def test_a_stall_for_whose_end_no_answer_waited_does_not_count(timed):
    found = timed(World(stalls=[(0.1, 0.5)]), 1)
    assert found == {"took": pytest.approx(1, abs=PERIOD), "late": 0}


def test_a_stall_in_which_the_answer_came_counts(timed):
    found = timed(World(stalls=[(0.1, 0.5)]), 0.3)
    assert found["took"] == pytest.approx(0.6, abs=2 * PERIOD)
    assert found["late"] == pytest.approx(0.5, abs=2 * PERIOD)


def test_a_stall_before_we_asked_counts(timed):
    found = timed(World(stalls=[(0.0, 0.5)]), 1)
    assert (found["took"], found["late"]) == (pytest.approx(1.5, abs=PERIOD), pytest.approx(0.5, abs=2 * PERIOD))


def test_what_we_compute_between_two_answers_counts_once(timed):
    found = timed(World(), 0.1, -0.5, 0.001, 1)
    assert found["late"] == pytest.approx(0.5, abs=2 * PERIOD)


def test_an_answer_that_is_found_while_the_loop_is_at_something_else_has_waited_for_it(timed):
    world = World()

    def compute():
        world.theirs.send(b"x")
        world.now += 0.5
        asyncio.get_running_loop().call_soon(lambda: None)

    async def beside():
        asyncio.get_running_loop().call_later(0.1, compute)
        await asyncio.get_running_loop().sock_recv(world.ours, 1)
        await World.exchange(world, 1)

    world.exchange = beside
    assert timed(world)["late"] == pytest.approx(0.5, abs=2 * PERIOD)


@pytest.mark.parametrize("seed", range(50))
def test_whatever_stalls_there_are_no_peer_is_said_to_have_taken_longer_than_it_did(timed, seed):
    dice = random.Random(seed)
    took = [dice.expovariate(10) for _ in range(dice.randint(1, 8))]
    stalls = [(dice.uniform(0, 2), dice.expovariate(20)) for _ in range(dice.randint(0, 30))]
    found = timed(World(lag=dice.choice([0, 0.001, 0.02]), stalls=stalls), *took)
    assert found["took"] - found["late"] <= sum(took) + UNSEEN * (len(took) + 1)
    assert found["late"] <= found["took"]


def test_a_loop_rests_once_nothing_is_timed():
    looks = []

    async def count():
        ear = asyncio.get_running_loop().ear
        with Stopwatch():
            await asyncio.sleep(4 * PERIOD)
        original, ear.select = ear.select, lambda timeout=None: looks.append(timeout) or original(timeout)
        await asyncio.sleep(8 * PERIOD)
        return ear.late

    loop = TimedLoop()
    try:
        assert loop.run_until_complete(count()) == []
    finally:
        loop.close()
    assert len([timeout for timeout in looks if timeout]) <= 2


def block():
    time.sleep(HELD)


def keep_the_lock():
    began = threading.Event()

    def hold():
        began.set()
        USLEEP(int(HELD * 1e6))

    thread = threading.Thread(target=hold)
    thread.start()
    began.wait()
    return thread


async def held_up_by(what):
    """Times an answer that comes while `what` holds the loop up."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs, Stopwatch() as watch:
        asyncio.get_running_loop().call_later(0.02, lambda: (theirs.send(b"x"), what()))
        await asyncio.get_running_loop().sock_recv(ours, 1)
    return watch.timed()


@pytest.mark.parametrize("what", [block, keep_the_lock])
def test_what_holds_the_loop_up_is_our_lateness(what):
    found = run(held_up_by(what), within=60)
    assert HELD * 0.8 < found["late"] <= found["took"]


def test_what_was_late_before_is_not_counted():
    async def twice():
        block()
        await asyncio.sleep(0)
        before = await held_up_by(block)
        with Stopwatch() as watch:
            pass
        return before, watch.timed()

    before, after = run(twice(), within=60)
    assert before["late"] >= HELD * 0.8
    assert after["late"] <= after["took"]


def test_a_deadline_counts_the_time_in_which_we_listened():
    async def answer():
        await asyncio.sleep(0.05)
        return 42

    async def held_up():
        asyncio.get_running_loop().call_later(0.02, block)
        return await hurried(answer(), 0.2)

    assert run(held_up(), within=60) == 42


def test_a_silence_that_we_did_not_listen_to_says_nothing():
    """A loop that is held up all the time gives up in the end, and does not blame the target."""

    async def mute():
        await asyncio.get_running_loop().create_future()

    async def busy():
        while True:
            time.sleep(0.05)
            await asyncio.sleep(0)

    async def both():
        other = asyncio.ensure_future(busy())
        try:
            await hurried(mute(), 0.3)
        finally:
            other.cancel()

    with pytest.raises(TooBusy) as caught:
        run(both(), within=60)
    said = classify(caught.value)
    assert said["kind"] == "busy"
    assert said["reason"].startswith("this machine was too busy to tell: no answer within ")
    assert said["late"] > 0.15


def test_a_silence_that_we_listened_to_is_the_targets():
    async def mute():
        await asyncio.get_running_loop().create_future()

    async def held_up_for_a_while():
        asyncio.get_running_loop().call_later(0.02, time.sleep, 0.1)
        await hurried(mute(), 0.4)

    with pytest.raises(TimeoutError, match=r"no answer within 0\.4 s") as caught:
        run(held_up_for_a_while(), within=60)
    assert not isinstance(caught.value, TooBusy)


def test_what_is_typical_is_the_median_and_so_is_what_it_may_have_been():
    samples = [{"took": 9.0, "late": 8.0}, {"took": 2.0, "late": 0.0}, {"took": 4.0, "late": 3.5}]
    assert typical(samples) == {"took": 4.0, "late": 3.0}
