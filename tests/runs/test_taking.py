"""What our own lateness may have made bad is taken again: a few times, within budgets, and all of it is on record."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from drillbook.judging.limit import Limit, ladder
from drillbook.judging.observation import Observation, missing
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict
from drillbook.plugin import taking
from drillbook.plugin.budget import spare
from drillbook.plugin.taking import MOST, Taking
from drillbook.probes.memory import Memory
from drillbook.probes.redis.table import RedisService
from drillbook.probes.spending import Spending
from drillbook.system.budgets import Budget
from drillbook.system.target import Service

PING = Limit("redis.ping", ladder({Severity.MEDIUM: "> 50", Severity.HIGH: "> 500"}), "ms")


def target(**declared):
    service = RedisService.model_validate({"kind": "redis", "url": {"env": "CACHE_URL"}, **declared})
    return SimpleNamespace(services={"cache": Service("cache", service)})


def takes(*found, asked=None):
    """An observation that becomes the next of these when it is made anew, and the last of them for ever after."""

    def again(number=1):
        if asked is not None:
            asked.append(number)
        return make(found[min(number, len(found) - 1)], number)

    def make(pair, number):
        if pair is None:
            return missing("redis.up is red: connection refused")
        value, late = pair
        return Observation(value, "ms", late=late, service="cache", again=lambda: again(number + 1))

    return make(found[0], 0)


@pytest.mark.parametrize(
    ("found", "outcome", "severity", "times"),
    [
        ([(40, 0)], Outcome.OK, None, 0),
        ([(60, 0)], Outcome.BREACHED, "medium", 0),
        ([(90, 80), (3, 0)], Outcome.OK, None, 2),
        ([(90, 80), (70, 60), (60, 1)], Outcome.BREACHED, "medium", 3),
        ([(90, 80), (95, 90)], Outcome.UNKNOWN, "medium", 1 + MOST),
        ([(900, 880), (95, 90)], Outcome.UNKNOWN, "medium", 1 + MOST),
        ([(900, 500), (800, 10)], Outcome.BREACHED, "high", 2),
        ([(900, 500), (900, 600)], Outcome.BREACHED, "medium", 1 + MOST),
        ([(90, 80), None], Outcome.UNKNOWN, "high", 2),
    ],
)
def test_the_first_take_that_can_be_told_decides(found, outcome, severity, times):
    verdict = Taking(target()).judge(PING, takes(*found))
    assert (verdict.outcome, verdict.severity and verdict.severity.word) == (outcome, severity)
    assert len(verdict.takes) == times
    if times:
        assert verdict.takes[0] == found[0]
        assert verdict.reason.endswith(f"taken {times} times")


def test_what_says_most_decides_where_nothing_can_be_told():
    verdict = Taking(target()).judge(PING, takes((900, 880), (95, 90), (70, 30), (800, 790)))
    assert "70 ms, of which up to 30 ms may be our own lateness" in verdict.reason


def test_takes_survive_the_way_from_a_worker():
    verdict = Taking(target()).judge(PING, takes((90, 80), (3, 0)))
    assert Verdict.from_json(verdict.to_json()) == verdict
    assert json.loads(verdict.to_json())["takes"] == [[90, 80], [3, 0]]


@pytest.mark.parametrize(("budget", "workers", "times"), [("7/min", 1, 0), ("9/min", 1, 2), ("9/min", 2, 1)])
def test_a_budget_is_kept(budget, workers, times):
    """A round may ask a redis seven things."""
    asked = []
    taking = Taking(target(budget=budget), workers=workers)
    for _ in range(3):
        taking.judge(PING, takes((90, 80), asked=asked))
    assert len(asked) == times


def test_what_other_runs_asked_is_not_there_to_take_again(tmp_path):
    def memory(run):
        return Memory(tmp_path / "asked", run, 60.0)

    minutely = Budget.parse("20/min")
    memory("another").grant(("cache", ""), minutely, 10, least=10)
    mine, asked = memory("mine"), []
    assert mine.grant(("cache", ""), minutely, 7, least=7).count == 7
    taking = Taking(target(budget="20/min"), spending=Spending(memory=mine))
    for _ in range(3):
        taking.judge(PING, takes((90, 80), asked=asked))
    assert len(asked) == 3
    assert memory("third").grant(("cache", ""), minutely, 1, least=1).others == 20


def test_each_round_has_its_share_of_the_budget():
    asked = []
    taking = Taking(target(budget="16/min"), every=30)
    assert [spare(taking.target.services["cache"], every) for every in (0, 30, 60, 600)] == [9, 1, 9, 9]
    for _ in range(2):
        taking.begin_round()
        taking.judge(PING, takes((90, 80), asked=asked))
    assert len(asked) == 2


@pytest.mark.parametrize(("seconds", "times"), [(2, 4), (4, 1)])
def test_what_is_taken_again_lasts_no_longer_than_two_deadlines_and_ends_where_one_is_over(monkeypatch, seconds, times):
    clock = iter(range(0, 1000, seconds))
    monkeypatch.setattr(taking, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    asked = []
    Taking(target(deadline="3s")).judge(PING, takes((90, 80), asked=asked))
    assert len(asked) == times


def test_what_cannot_be_taken_again_is_unknown_at_once():
    verdict = Taking(target()).judge(PING, Observation(90, "ms", late=80))
    assert (verdict.outcome, verdict.takes) == (Outcome.UNKNOWN, ())


# --- whole runs -------------------------------------------------------------------------------------------------

HOLD_UP = """
import threading, time
from drillbook.probes import lateness, runner

class HeldUp(lateness.Stopwatch):
    "The loop is held up in the middle of whatever is timed."
    def __enter__(self):
        import asyncio
        found = super().__enter__()
        asyncio.get_running_loop().call_later(0.006, time.sleep, {seconds})
        return found

from drillbook.probes import page
page.Stopwatch = HeldUp
"""
LATENCY = """
[limits."items.latency"]
unit = "ms"
high = "> 100"
"""


def held_up(project, seconds):
    project.edit("systems/shop/system.toml", "[environments.local]", f"{LATENCY}\n[environments.local]")
    project.write("conftest.py", HOLD_UP.format(seconds=seconds))
    return project


def latency_of(project):
    return next(line for line in project.journal() if line.get("name") == "items.latency")


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_run_that_is_held_up_itself_blames_nobody(shop_project, shop, how):
    shop.answers["/items"].wait = 0.03  # so that it is still waited for when the loop is held up
    held_up(shop_project, 0.2)
    ran = shop_project.pytest("checks", "--target", "shop@local", "--interval", "0.1", "-k", "items", *how)
    assert ran.code == 11, ran.said
    found = latency_of(shop_project)
    assert (found["verdict"], found["severity"], len(found["takes"])) == ("UNKNOWN", "high", 1 + MOST)
    assert "this machine was too busy to tell" in ran.said
    end = shop_project.journal()[-1]
    assert shop.asked.count("/items") == 1 + MOST
    assert end["asked"]["web"] == len(shop.asked)


def test_a_service_that_is_slower_than_we_are_late_is_breached(shop_project, shop):
    shop.answers["/items"].wait = 0.5
    held_up(shop_project, 0.2)
    ran = shop_project.pytest("checks", "--target", "shop@local", "--interval", "0.1", "-k", "items")
    assert ran.code == 1, ran.said
    assert latency_of(shop_project)["verdict"] == "BREACHED"


def test_each_round_says_how_late_it_was(shop_project, shop):
    held_up(shop_project, 0.1)
    shop.answers["/items"].wait = 0.03
    rounds = ("--every", "500ms", "--rounds", "2")
    shop_project.pytest("checks", "--target", "shop@local", "--interval", "0.1", "-k", "items", *rounds)
    lines = [line for line in shop_project.journal() if line["kind"] == "round"]
    assert [line["round"] for line in lines] == [1, 2]
    assert all(line["late"] >= 0.08 for line in lines)
