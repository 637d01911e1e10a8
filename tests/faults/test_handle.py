"""Handles act on one container of the run, looked up anew each time."""

from __future__ import annotations

import time
from dataclasses import replace
from http.client import HTTPResponse

import pytest

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.stack.handle import HELPER_LABEL
from drillbook.stack.plan import PROJECT_LABEL
from drillbook.supervisor.owner import LABEL

pytestmark = pytest.mark.proof


def networks(shop, service):
    """The networks of a service's container, each with its aliases but the one that is its id."""
    found = shop.running.handle(service).inspect()
    joined = found["NetworkSettings"]["Networks"]
    return {name: set(one["Aliases"]) - {found["Id"][:12]} for name, one in joined.items()}


def helpers(shop, engine):
    """The helpers of this run that are there."""
    return engine.containers.list(all=True, filters={"label": [HELPER_LABEL, f"drillbook={shop.running.run}"]})


def test_a_container_that_was_taken_off_its_networks_comes_back_under_its_names(whole):
    before, handle = networks(whole, "redis"), whole.running.handle("redis")
    handle.disconnect()
    assert networks(whole, "redis") == {}
    handle.reconnect()
    assert networks(whole, "redis") == before != {}


def test_what_a_quick_command_says_is_heard_on_a_machine_too_busy_to_listen_at_once(whole, monkeypatch):
    begin = HTTPResponse.begin
    monkeypatch.setattr(HTTPResponse, "begin", lambda self: (time.sleep(0.3), begin(self))[1])
    code, said = whole.running.handle("redis").execute(["sh", "-c", "echo hi; echo ho >&2; exit 3"])
    assert (code, *sorted(said.split())) == (3, "hi", "ho")


def test_a_command_that_falls_silent_before_it_ends_is_waited_for(whole):
    handle = whole.running.handle("redis")
    assert handle.execute(["sh", "-c", "echo well; exec >&- 2>&-; sleep 1; exit 3"]) == (3, "well\n")


def test_in_a_container_that_does_not_run_nothing_is_run(whole):
    handle = whole.running.handle("redis")
    handle.stop()
    try:
        with pytest.raises(Mistakes, match=r"deal-scout@drill: the engine says: Container \w+ is not running"):
            handle.execute(["true"])
    finally:
        handle.start()


def test_a_new_container_has_the_changed_environment_and_a_restarted_one_the_old(whole):
    handle = whole.running.handle("backend")
    before = whole.identity("backend")
    handle.restart()
    restarted = whole.identity("backend")
    assert restarted[0] == before[0]
    assert restarted[1] != before[1]
    try:
        handle.recreate({"DEAL_SCOUT_EBAY_URL": "http://ebay.invalid"})
        assert whole.identity("backend")[0] != before[0]
        assert handle.execute(["printenv", "EBAY_URL"]) == (0, "http://ebay.invalid\n")
    finally:
        handle.recreate()
    assert handle.execute(["printenv", "EBAY_URL"]) == (0, "\n")


def test_a_new_container_is_as_much_the_runs_as_the_old_one(whole):
    handle = whole.running.handle("redis")
    handle.recreate()
    labels = handle.inspect()["Config"]["Labels"]
    assert (labels[LABEL], labels[PROJECT_LABEL]) == (whole.running.run, whole.running.project)


def test_a_container_is_not_replaced_by_what_would_not_be_the_runs(whole):
    before = whole.identity("redis")
    recipe = whole.running.recipe
    marks = replace(recipe.marks, labels={LABEL: "somebody-elses"})
    theirs = replace(recipe, marks=marks, bounds=replace(recipe.bounds))
    with pytest.raises(Refused, match="does not describe its own 'redis'"):
        replace(whole.running, recipe=theirs).handle("redis").recreate()
    assert whole.identity("redis") == before


def test_a_container_that_was_replaced_in_between_is_refused_and_ours_can_come_back(whole, engine):
    handle = whole.running.handle("visitor")
    ours = engine.containers.get(handle.inspect()["Id"])
    name, image = ours.name, ours.image.id
    ours.remove(force=True)
    theirs = engine.containers.run(image, ["sleep", "600"], name=name, network_mode="none", detach=True, init=True)
    try:
        for deed in (handle.kill, handle.stop, handle.restart, handle.disconnect, handle.state):
            with pytest.raises(Refused):
                deed()
        assert engine.containers.get(theirs.id).status == "running"
    finally:
        theirs.remove(force=True)
    handle.recreate()
    assert handle.state() == "running"


def test_what_the_engine_cannot_do_is_said_in_its_words(whole):
    with pytest.raises(Mistakes, match="not paused"):
        whole.running.handle("redis").unpause()


def test_a_helper_sees_the_services_volumes_and_nothing_else(whole):
    with whole.running.helper("postgres") as helper:
        assert helper.execute(["test", "-s", "/var/lib/postgresql/data/pgdata/PG_VERSION"])[0] == 0
        found = helper.inspect()
        assert helper.execute(["touch", "/tmp/x"])[0] != 0
    assert found["HostConfig"]["NetworkMode"] == "none"
    assert {one["Type"] for one in found["Mounts"]} == {"volume"}


def test_a_helper_is_gone_at_the_end_however_it_ends(whole, engine):
    with pytest.raises(ZeroDivisionError), whole.running.helper("postgres"):
        assert 1 / (len(helpers(whole, engine)) - 1)
    assert helpers(whole, engine) == []
