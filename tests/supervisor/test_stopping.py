"""SIGTERM and SIGHUP stop a run in an orderly way, unless somebody else has a say in it."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from drillbook.supervisor import orderly_stop

STOPPING = (signal.SIGTERM, signal.SIGHUP)
TWICE = """
import os, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
for one in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(one, signal.SIG_DFL)
from drillbook.supervisor import orderly_stop
with orderly_stop():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        os.kill(os.getpid(), signal.SIGHUP)
"""


@pytest.fixture(autouse=True)
def as_a_terminal_starts_it():
    """Whoever started the tests in the background has them ignore signals (`nohup`, `&`), and they inherit that."""
    usual = {signal.SIGINT: signal.default_int_handler} | dict.fromkeys(STOPPING, signal.SIG_DFL)
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPPING, ids=lambda number: number.name)
def test_the_first_signal_is_an_interrupt_and_the_handlers_go_with_it(number):
    with pytest.raises(KeyboardInterrupt, match=number.name), orderly_stop():
        os.kill(os.getpid(), number)
    assert [signal.getsignal(one) for one in STOPPING] == [signal.SIG_DFL] * 2


def test_a_second_signal_ends_the_process_at_once():
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (128 + signal.SIGHUP, b"")


@pytest.mark.parametrize("theirs", [signal.SIG_IGN, lambda *_: None], ids=["ignored", "handled"])
def test_a_signal_that_somebody_else_looks_after_stays_theirs(theirs):
    signal.signal(signal.SIGHUP, theirs)
    try:
        with orderly_stop():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == theirs
        assert signal.getsignal(signal.SIGHUP) == theirs
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_a_handler_that_was_set_meanwhile_is_not_taken_away():
    def theirs(number, frame):
        pass

    try:
        with orderly_stop():
            signal.signal(signal.SIGTERM, theirs)
        assert signal.getsignal(signal.SIGTERM) is theirs
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_in_a_thread_it_changes_nothing():
    seen = []

    def work():
        with orderly_stop():
            seen.extend(signal.getsignal(one) for one in STOPPING)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL] * 2
