"""A drill that could prove nothing is refused where it is written."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import pytest

from drillbook import Drill
from drillbook.common.mistakes import Mistakes
from drillbook.drills.rounds_seen import RoundsSeen
from drillbook.drills.watch import Round, Watch
from drillbook.faults import killed
from drillbook.fixes import restart
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict
from drillbook.plugin.chaos import Harbour
from drillbook.stack.drill import target_of
from drillbook.stack.plan import make_plan
from drillbook.system.library import Library

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
    return target_of(library, "deal-scout", make_plan(library.read("deal-scout").stack))


def judged(name, of="", outcome=Outcome.BREACHED):
    """A verdict on a service of that name."""
    return Verdict(name, outcome, None, Severity.HIGH, of=of, service=of)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"symptom": ()}, "expects no symptom proves nothing"),
        ({"holds": ("redis.up",)}, "cannot be a symptom and hold as well"),
        ({"symptom": ("redis.up(broker)",), "holds": ("redis.up",)}, "cannot be a symptom and hold as well"),
        ({"detects_within": 0}, "are seconds above 0"),
        ({"recovers_within": -1}, "are seconds above 0"),
    ],
)
def test_a_drill_that_proves_nothing_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Drill(**{**GOOD, **change})


def test_what_may_turn_red_is_the_symptom_and_what_fits_a_pattern():
    drill = Drill(**GOOD, may=("queue.*",))
    names = ("redis.up", "queue.depth", "api.up")
    assert [name for name in names if drill.expects(judged(name))] == ["redis.up", "queue.depth"]


def test_a_pattern_may_fit_a_title_and_a_title_is_one_services_alone():
    drill = Drill(**{**GOOD, "symptom": ("redis.up(broker)",)}, may=("*(broker)",))
    found = [judged(*pair) for pair in (("redis.up", "broker"), ("redis.ping", "broker"), ("redis.up", "cache"))]
    assert [drill.expects(one) for one in found] == [True, True, False]


@pytest.mark.parametrize(
    ("change", "why_not"),
    [
        ({}, ""),
        ({"systems": ("shop",)}, "it is for shop"),
        ({"holds": ("cars.ok",)}, "deal-scout has no limit called cars.ok"),
        ({"holds": ("cars.ok(admin)",)}, "deal-scout has no limit called cars.ok(admin)"),
        ({"symptom": ("redis.up(broker)",)}, "deal-scout has no limit called redis.up(broker)"),
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
        (
            {"symptom": ("redis.up(brokr)",), "systems": ("deal-scout",)},
            "no limit is called 'redis.up(brokr)' (there are: redis.up)",
        ),
        ({"runbook": "Redis"}, "runbook: 'Redis' is not among runbook.sections of the system file"),
    ],
)
def test_a_name_that_is_none_is_a_mistake_and_no_skip(target, change, mistake):
    drill = Drill(**{**GOOD, **change})
    assert drill.why_not(target) == ""
    assert list(drill.mistakes(target.limits, target.system.runbook.sections)) == [mistake]


def test_a_drill_that_needs_what_is_not_judged_is_a_mistake(drill_project):
    project = drill_project()
    stated = '[limits."redis.up"]\nhigh = "no"\nfrom = "Redis Unreachable"'
    project.edit("systems/deal-scout/system.toml", stated, '[limits."redis.up"]\noff = "another team has it"')
    ran = project.pytest("chaos", "--target", "deal-scout", "-k", "redis_killed")
    assert ran.code == 4, ran.said
    assert "redis.up is not judged here, and this drill needs it: another team has it" in ran.said
    assert [line["kind"] for line in project.journal()] == ["run", "verdict", "end"], "nothing was started"


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
    with pytest.raises(Mistakes, match="the watch ended: its pipe closed: two / three / four"):
        found.wait(lambda: False, within=60)


def test_what_could_not_be_told_is_neither_red_nor_healed(tmp_path):
    unknown = {**VERDICT, "verdict": "UNKNOWN"}
    found, _ = told(json.dumps(unknown) + "\n", json.dumps(ROUND) + "\n", tmp_path=tmp_path)
    [one] = found.since(0)
    assert (one.red_names(), one.ok_names(), set(one.not_green())) == (set(), set(), {"redis.up"})


TWO = {"redis.up(cache)": ("cache", Outcome.OK), "redis.up(broker)": ("broker", Outcome.BREACHED)}


def rounds_of(drill, **more):
    """One round of two servers of a kind, the second down, as the drill reads it."""
    verdicts = {title: judged("redis.up", *one) for title, one in (TWO | more).items()}
    watch = Watch(None, None, [Round(1, 1.0, 1.0, verdicts)])
    return RoundsSeen(Drill(**drill), watch, "shop@drill")


def test_any_service_turns_a_limit_red_and_all_must_be_well_for_it_to_hold():
    [one] = rounds_of(GOOD).watch.rounds
    assert one.red_names() == {"redis.up", "redis.up(broker)"}
    assert one.ok_names() == {"redis.up(cache)"}


@pytest.mark.parametrize(
    ("change", "red", "not_held", "unasked"),
    [
        ({}, True, "", ""),
        ({"symptom": ("redis.up(broker)",), "holds": ("redis.up(cache)",)}, True, "", ""),
        ({"symptom": ("redis.up(cache)",)}, False, "", "redis.up(broker) turned red unasked"),
        ({"symptom": ("api.up",), "holds": ("redis.up",)}, False, "redis.up(broker) did not hold", "redis.up(broker)"),
        ({"symptom": ("api.up",), "holds": ("redis.up(broker)",)}, False, "redis.up(broker) did not hold", "redis.up"),
        ({"symptom": ("api.up",), "may": ("*(broker)",)}, False, "", ""),
    ],
)
def test_a_drill_may_mean_one_service_of_several(change, red, not_held, unasked):
    seen = rounds_of({**GOOD, **change})
    rounds = seen.watch.rounds
    assert seen.all_red(set(seen.drill.symptom), 0.0) is red
    assert seen.not_held(rounds)[: len(not_held) or None] == not_held
    assert seen.unasked(rounds * 2)[: len(unasked) or None] == unasked


def test_nothing_more_is_started_once_the_supervisor_has_died():
    harbour = Harbour(None)
    harbour._supervisor = SimpleNamespace(alive=False, run="a-run", labels={}, folder=None)
    with pytest.raises(Mistakes, match="the supervisor of this run has died"):
        harbour.moor()
