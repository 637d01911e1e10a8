"""A drill that could prove nothing is refused where it is written."""

from __future__ import annotations

import json
import os
import time
from types import SimpleNamespace

import pytest

from drillbook import Drill
from drillbook.faults import killed
from drillbook.fixes import restart
from drillbook.library import Library
from drillbook.mistakes import Mistakes
from drillbook.plugin.chaos import Harbour
from drillbook.stack.drill import target_of
from drillbook.stack.plan import make_plan
from drillbook.watch import Watch

GOOD = {
    "runbook": "Redis Unreachable",
    "fault": killed("redis"),
    "symptom": ("redis.up",),
    "fix": restart("redis"),
    "detects_within": 10,
    "recovers_within": 60,
}


@pytest.fixture
def target(pytestconfig):
    """deal-scout's drill target, described and not started."""
    library = Library(pytestconfig.rootpath, {})
    return target_of(library, "deal-scout", make_plan(library.read("deal-scout").stack).addresses)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"symptom": ()}, "expects no symptom proves nothing"),
        ({"holds": ("redis.up",)}, "cannot be a symptom and hold as well"),
        ({"detects_within": 0}, "are seconds above 0"),
        ({"recovers_within": -1}, "are seconds above 0"),
    ],
)
def test_a_drill_that_proves_nothing_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Drill(**{**GOOD, **change})


def test_what_may_turn_red_is_the_symptom_and_what_fits_a_pattern():
    drill = Drill(**GOOD, may=("queue.*",))
    assert [name for name in ("redis.up", "queue.depth", "api.up") if drill.expects(name)] == [
        "redis.up",
        "queue.depth",
    ]


@pytest.mark.parametrize(
    ("change", "why_not"),
    [
        ({}, ""),
        ({"systems": ("shop",)}, "it is for shop"),
        ({"holds": ("cars.ok",)}, "deal-scout has no limit called cars.ok"),
    ],
)
def test_a_drill_says_why_it_is_not_for_a_system(target, change, why_not):
    assert Drill(**{**GOOD, **change}).why_not(target) == why_not


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"symptom": ("redis.pu",)}, "no limit is called 'redis.pu'"),
        ({"holds": ("api.pu",)}, "no limit is called 'api.pu'"),
        ({"may": ("quue.*",)}, "may: no limit is called 'quue.*'"),
        ({"runbook": "Redis"}, "runbook: 'Redis' is not among runbook.sections of the system file"),
    ],
)
def test_a_name_that_is_none_is_a_mistake_and_no_skip(target, change, mistake):
    drill = Drill(**{**GOOD, **change})
    assert drill.why_not(target) == ""
    assert list(drill.mistakes(target.limits, target.system.runbook.sections)) == [mistake]


def told(*lines: str, tmp_path) -> tuple[Watch, list]:
    """A watch that was told these lines, and what it passed on."""
    reading, writing = os.pipe()
    os.write(writing, "".join(lines).encode())
    os.close(writing)
    kept: list = []
    found = Watch(None, tmp_path / "log")
    with os.fdopen(reading, encoding="utf-8") as pipe:
        found._read(pipe, kept.append)
    return found, kept


VERDICT = {
    "kind": "verdict", "name": "redis.up", "verdict": "BREACHED", "severity": "high", "worst": "high", "value": False,
    "unit": "", "limit": "no", "reason": "", "from": "Redis Unreachable", "of": "", "by": "", "check": "x", "round": 1,
}  # fmt: skip
ROUND = {"kind": "round", "round": 1, "missed": 0, "took": 0.5}


def test_a_watch_keeps_what_it_is_told_by_round(tmp_path):
    found, kept = told(json.dumps(VERDICT) + "\n", json.dumps(ROUND) + "\n", tmp_path=tmp_path)
    [one] = found.since(0)
    assert set(one.red()) == {"redis.up"}
    assert one.ended - one.began == pytest.approx(0.5)
    assert [line["kind"] for line in kept] == ["verdict", "round"]


def test_a_watch_that_was_killed_in_the_middle_of_a_line_is_over_and_says_so(tmp_path):
    (tmp_path / "log").write_text("one\ntwo\nthree\nfour\n")
    found, _ = told(json.dumps(ROUND) + "\n", json.dumps(VERDICT)[:40], tmp_path=tmp_path)
    assert len(found.rounds) == 1
    began = time.monotonic()
    with pytest.raises(Mistakes, match="the watch ended: its pipe closed: two / three / four"):
        found.wait(lambda: False, within=30)
    assert time.monotonic() - began < 5


def test_what_could_not_be_told_is_neither_red_nor_healed(tmp_path):
    unknown = {**VERDICT, "verdict": "UNKNOWN"}
    found, _ = told(json.dumps(unknown) + "\n", json.dumps(ROUND) + "\n", tmp_path=tmp_path)
    [one] = found.since(0)
    assert (one.red_names(), one.ok_names(), set(one.not_green())) == (set(), set(), {"redis.up"})


def test_nothing_more_is_started_once_the_supervisor_has_died():
    harbour = Harbour(None)
    harbour._supervisor = SimpleNamespace(alive=False, run="a-run", labels={}, folder=None)
    with pytest.raises(Mistakes, match="the supervisor of this run has died"):
        harbour.moor()
