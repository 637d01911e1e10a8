"""Killed, stopped, paused, cut off: each is really there, is seen by its witness, and is undone whatever happens."""

from __future__ import annotations

import pytest

from drillbook import faults, fixes
from drillbook.stack.handle import Handle

pytestmark = pytest.mark.proof

FAULTS = {
    "killed": faults.killed("redis"),
    "stopped": faults.stopped("redis"),
    "paused": faults.paused("redis"),
    "cut off": faults.cut_off("redis"),
    "killed unpublished": faults.killed("worker"),
}
# What each fault does to the container, and a fix that undoes it.
HARM = {"killed": "kill", "stopped": "stop", "paused": "pause", "cut off": "disconnect"}


@pytest.fixture(params=FAULTS)
def fault(request):
    """One fault after the other."""
    return FAULTS[request.param]


def test_the_witness_sees_it_while_it_is_there_and_only_then(whole, fault):
    before = fault.witness(whole.running)
    with fault.inject(whole.running):
        during = fault.witness(whole.running)
    after = fault.witness(whole.running)
    assert (before.there, during.there, after.there) == (False, True, False), (before, during, after)


def test_the_world_is_restored_when_the_block_raises(whole, fault):
    with pytest.raises(ZeroDivisionError), fault.inject(whole.running):
        raise ZeroDivisionError
    assert not fault.witness(whole.running).there


@pytest.mark.parametrize("name", HARM)
def test_the_world_is_restored_when_entering_fails_half_way(whole, monkeypatch, name):
    harm = getattr(Handle, HARM[name])

    def fails(handle):
        harm(handle)
        raise ZeroDivisionError

    monkeypatch.setattr(Handle, HARM[name], fails)
    with pytest.raises(ZeroDivisionError), FAULTS[name].inject(whole.running):
        pytest.fail("was entered")
    assert not FAULTS[name].witness(whole.running).there


@pytest.mark.parametrize("name", HARM)
def test_the_world_is_restored_when_the_fix_brought_a_new_container(whole, name):
    with FAULTS[name].inject(whole.running):
        fixes.recreate("redis").apply(whole.running)
        assert not FAULTS[name].witness(whole.running).there
    assert whole.state("redis") == "running"


def test_the_world_is_restored_when_somebody_removed_the_container(whole, engine):
    with faults.killed("redis").inject(whole.running):
        engine.containers.get(whole.identity("redis")[0]).remove(force=True)
    assert whole.state("redis") == "running"


def test_the_app_loses_what_was_killed_and_finds_it_again_after_the_fix(whole):
    with faults.killed("redis").inject(whole.running):
        assert not whole.is_ready()
        assert fixes.restart("redis").apply(whole.running) == "redis restarted"
        assert whole.becomes_ready()


def test_a_restart_does_not_heal_what_is_cut_off(whole):
    fault = faults.cut_off("redis")
    with fault.inject(whole.running):
        fixes.restart("redis").apply(whole.running)
        assert fault.witness(whole.running).there


def test_what_was_only_stopped_is_not_called_killed(whole):
    with faults.stopped("redis").inject(whole.running):
        assert not faults.killed("redis").witness(whole.running).there


def test_a_witness_that_cannot_look_says_why_and_sees_nothing(whole):
    seen = faults.killed("no-such-service").witness(whole.running)
    assert not seen.there
    assert seen.words.startswith("could not look: ")


def test_the_words_name_the_fault_and_what_was_seen(whole):
    with faults.killed("redis").inject(whole.running):
        words = faults.killed("redis").witness(whole.running).words
    assert words.startswith("redis: exited (137) at ")
    assert words.endswith("refuses connections")
