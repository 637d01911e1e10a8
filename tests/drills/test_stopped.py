"""A signal ends a run with drills in an orderly way wherever it comes, and whatever becomes of what it raises."""

from __future__ import annotations

import signal

import pytest

DRILL = """
import os
import signal

def test_something(request):
    request.config.pluginmanager.get_plugin("drillbook-harbour").moor()
    try:
        {in_the_drill}
    except KeyboardInterrupt:
        pass  # as in a destructor, where Python only says that it ignores it
"""
AT_THE_END = """
import os
import signal
import pytest

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    {at_the_end}
"""


def raised(*signals: signal.Signals) -> str:
    return "; ".join(f"os.kill(os.getpid(), signal.{one.name})" for one in signals)


@pytest.fixture
def stopped(drill_project):
    """What a run comes to in which signals are raised in its drill, or while what it made is removed."""

    def run(*, drill: tuple[signal.Signals, ...] = (), end: tuple[signal.Signals, ...] = ()):
        project = drill_project(DRILL.format(in_the_drill=raised(*drill) or "pass"))
        project.write("conftest.py", AT_THE_END.format(at_the_end=raised(*end) or "pass"))
        return project.pytest("chaos", "--target", "deal-scout", cold=True)

    return run


@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda one: one.name)
def test_a_signal_while_all_is_removed_lets_the_run_come_to_its_end(stopped, one):
    ran = stopped(end=(one,))
    assert (ran.code, "Traceback" in ran.said) == (2, False), ran.said
    assert "exit 2, report in reports/" in ran.said


def test_a_stop_that_something_swallowed_is_in_the_exit_code(stopped):
    ran = stopped(drill=(signal.SIGTERM,))
    assert (ran.code, "exit 2, report in reports/" in ran.said) == (2, True), ran.said


@pytest.mark.parametrize("first", [{"drill": (signal.SIGTERM,)}, {"end": (signal.SIGHUP,)}], ids=["a drill", "the end"])
def test_a_second_signal_leaves_the_rest_to_the_supervisor(stopped, first):
    ran = stopped(**{**first, "end": (*first.get("end", ()), signal.SIGTERM)})
    assert (ran.code, "report in reports/" in ran.said) == (128 + signal.SIGTERM, False), ran.said


def test_without_a_signal_it_says_what_it_found(stopped):
    ran = stopped()
    assert ran.code == 11, ran.said
