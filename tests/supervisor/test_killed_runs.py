"""However and whenever a run ends, nothing of it is there soon afterwards, and nothing of anyone else's is touched."""

import os
import random
import signal
import time

import pytest

from drillbook.common.polling import until

pytestmark = pytest.mark.proof

MOMENTS = ("armed", "creating", "composing", "running", "paused", "family", "closing")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_nothing_is_left_of_a_run_that_ends_by_a_signal(number, started):
    runs = [started(moment) for moment in MOMENTS]
    for run in runs:
        run.reach()
        run.kill(number)
        run.until_clean()
    assert [run.there() for run in runs] == [[] for _ in runs]


def test_children_and_grandchildren_are_gone_after_a_kill(started):
    run = started("family").reach()
    assert len(run.said["pids"]) == 4
    family = [process for process in run.processes if process.pid in run.said["pids"]]
    run.kill(signal.SIGKILL)
    assert until(lambda: not any(run.runs(process) for process in family), within=60)
    run.until_clean()


def test_a_child_that_outlives_the_run_does_not_keep_it_from_being_cleared(started):
    run = started("outlived").reach()
    run.kill(signal.SIGKILL)
    run.until_clean()
    assert all(run.runs(process) for process in run.survivors)


def test_a_second_signal_leaves_the_rest_to_the_supervisor_which_obeys_none(started):
    run = started("running").reach()
    run.kill(signal.SIGTERM)
    time.sleep(0.3)  # it is closing by now, and waits until the engine has been quiet
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(run.said["supervisor"], number)
    run.kill(signal.SIGTERM)
    assert run.process.wait(60) == 128 + signal.SIGTERM
    assert run.there() != []
    run.until_clean()


@pytest.mark.proof
def test_nothing_is_left_of_twenty_runs_killed_at_random_moments(started, record_property):
    slowest, runs = 0.0, []
    for _ in range(20):
        run = started(random.choice(MOMENTS)).reach()
        runs.append(run)
        time.sleep(random.uniform(0, 0.5))
        run.kill(random.choice(SIGNALS))
        slowest = max(slowest, run.until_clean())
    record_property("slowest", slowest)
    assert [run.there() for run in runs] == [[] for _ in runs]
