"""A stack that is slow to start, to become warm or to go says so, at most every five seconds."""

from __future__ import annotations

import fcntl
import re
from queue import Queue
from types import SimpleNamespace

import pytest

from drillbook.common import progress
from drillbook.common.mistakes import Mistakes
from drillbook.stack import compose, drill, local, warm
from drillbook.stack.drill import Berth, start_stack
from drillbook.supervisor.removal import Removal
from drillbook.system.library import Library

PATIENCE = 30  # seconds that a test waits for a line, which comes at once on a machine that has time
TARGET = SimpleNamespace(name="shop@drill")


@pytest.fixture
def heard(monkeypatch):
    """The lines that are said by whoever speaks all the time."""
    monkeypatch.setattr(progress, "EVERY", 0.02)
    return Queue()


def until(heard, words):
    """Waits for a line with these words."""
    while words not in (line := heard.get(timeout=PATIENCE)):
        pass
    return line


def test_what_is_soon_warm_says_nothing(monkeypatch):
    answers = iter([["backend: not ready"], ["backend: not ready"], []])
    monkeypatch.setattr(warm, "what_is_cold", lambda _: next(answers))
    said = []
    warm.wait_until_warm(TARGET, within=90, say=said.append)
    assert said == []


def test_what_is_long_cold_says_what_still_is(heard, monkeypatch):
    lines = []

    def what_is_cold(_):
        if not lines:
            lines.append("")
            return ["backend: /ready answers 503", "worker: 0 workers"]
        lines.append(until(heard, "503"))
        return []

    monkeypatch.setattr(warm, "what_is_cold", what_is_cold)
    warm.wait_until_warm(TARGET, within=90, say=heard.put)
    far = r"\d+ of at most 300 s; still cold: backend: /ready answers 503; worker: 0 workers"
    assert re.fullmatch(rf"  … waiting until shop@drill is warm: {far}", lines[1])


def test_what_is_never_warm_is_given_up_with_what_is_cold(monkeypatch):
    monkeypatch.setattr(warm, "what_is_cold", lambda _: ["backend: not ready"])
    with pytest.raises(
        Mistakes, match="shop@drill was not warm after 0 s, and no better for 0 s:\n  backend: not ready"
    ):
        warm.wait_until_warm(TARGET, within=0, say=progress.nobody)


def engine(**statuses):
    """An engine that has these services of a project."""
    found = [{"Labels": {compose.SERVICE_LABEL: name}, "Status": status} for name, status in statuses.items()]
    return SimpleNamespace(close=lambda: None, api=SimpleNamespace(containers=lambda **_: found))


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ({}, "no container yet"),
        ({"redis": "Up 3 seconds (healthy)", "beat": "Up 1 second"}, "2 of 2 containers up"),
        ({"redis": "Up 1 second (health: starting)", "migrate": "Exited (0) 2 seconds ago"},
         "1 of 2 containers up, not yet redis"),
        ({"redis": "Created", "api": "Up 9 seconds (unhealthy)", "worker": "Exited (1) 1 second ago"},
         "0 of 3 containers up, not yet api, redis, worker"),
    ],
)  # fmt: skip
def test_how_far_a_start_is_is_how_many_containers_are_up(monkeypatch, statuses, words):
    monkeypatch.setattr(compose, "client", lambda **_: engine(**statuses))
    assert compose.how_far("a-project") == words


def test_a_slow_removal_says_what_is_still_there(heard, monkeypatch):
    lines = []

    def remove_labelled(*_):
        lines.append(until(heard, "…"))
        return Removal(("container a",))

    monkeypatch.setattr(compose, "connect", lambda: None)
    monkeypatch.setattr(compose, "client", lambda **_: engine())
    monkeypatch.setattr(compose, "listed", lambda *_: ["a", "b"])
    monkeypatch.setattr(compose, "remove_labelled", remove_labelled)
    assert compose.remove("up:shop", say=heard.put) == ("container a",)
    assert re.fullmatch(r"  … removing up:shop: \d+ of at most 60 s; still there: 2", lines[0])


@pytest.fixture
def slow_start(heard, monkeypatch):
    """A compose that takes as long to start as it takes to say so."""
    monkeypatch.setattr(drill, "prepared", lambda recipe, _: (recipe, None))
    monkeypatch.setattr(drill, "wait_until_warm", lambda *_, **__: 1.0)
    monkeypatch.setattr(compose, "how_far", lambda _: "3 of 7 containers up")
    monkeypatch.setattr(compose, "start", lambda *_: heard.lines.append(until(heard, "3 of 7")))
    heard.lines = []
    return heard


def test_a_slow_start_of_a_drills_stack_says_how_far_it_is_and_not_among_its_phases(slow_start, pytestconfig, tmp_path):
    berth = Berth("a-run", {"drillbook": "a-run"}, tmp_path)
    phases = []
    start_stack(Library(pytestconfig.rootpath, {}), "deal-scout", berth, say=phases.append, progress=slow_start.put)
    assert re.fullmatch(r"  … starting deal-scout@drill: \d+ s so far \(3 of 7 containers up\)", slow_start.lines[0])
    assert phases == ["starting deal-scout@drill", "deal-scout@drill is up and warm (waited 1 s)"]


def test_a_stack_of_a_drill_that_does_not_start_is_removed_at_once(slow_start, monkeypatch, pytestconfig, tmp_path):
    def start(*_):
        raise Mistakes(["the stack did not start"])

    removed = []
    monkeypatch.setattr(compose, "start", start)
    monkeypatch.setattr(compose, "remove", lambda *labels, **_: removed.append(labels))
    with pytest.raises(Mistakes, match="did not start"):
        start_stack(
            Library(pytestconfig.rootpath, {}), "deal-scout", Berth("a-run", {"drillbook": "a-run"}, tmp_path), print
        )
    assert [(run, project.startswith("drillbook-deal-scout-a-run-")) for run, project in removed] == [("a-run", True)]


def test_who_waits_for_another_up_says_so(heard, tmp_path):
    copy = local.Copy(Library(tmp_path, {}), "shop")
    copy.env_file.parent.mkdir(parents=True)
    other = copy.env_file.with_suffix(".lock").open("w")
    fcntl.flock(other, fcntl.LOCK_EX)
    lines = []

    def say(line):
        lines.append(line)
        other.close()

    with local._alone(copy, say):
        assert re.fullmatch(r"  … waiting for another `drillbook up` or `down` of shop: \d+ s so far", lines[0])
