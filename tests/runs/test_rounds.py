"""`--every`: rounds at a fixed rate in one process, missed ticks said, and the worst of them decides."""

from __future__ import annotations

import json
import os
import re
from types import SimpleNamespace

import pytest

from drillbook.plugin import rounds

CHECKS = ("checks", "--target", "shop@local", "--interval", "0.2")
ALL = 9


def rounds_of(project):
    """The journal's verdicts by round."""
    found = {}
    for line in project.journal():
        if line["kind"] == "verdict":
            found.setdefault(line["round"], {})[line["name"]] = line["verdict"]
    return found


@pytest.fixture
def in_round(shop):
    """Changes the shop in a round, before its health page is answered: `in_round({2: change, 4: another})`."""
    answer = shop.answer

    def plan(changes):
        def planned(path, authorization):
            if path == "/health":
                changes.get(shop.asked.count("/health") + 1, lambda: None)()
            return answer(path, authorization)

        shop.answer = planned

    return plan


def test_every_round_judges_everything_anew_and_a_counter_since_the_round_before(shop_project, shop):
    ran = shop_project.pytest(*CHECKS, "--every", "300ms", "--rounds", "3")
    assert ran.code == 0, ran.said
    assert {number: len(verdicts) for number, verdicts in rounds_of(shop_project).items()} == {1: ALL, 2: ALL, 3: ALL}
    assert "round 3: 9 OK" in ran.said
    asked = [path for path in shop.asked if path in ("/health", "/metrics")]
    assert asked == ["/health", *5 * ["/metrics"]] + 2 * [*2 * ["/metrics"], "/health", *3 * ["/metrics"]]


@pytest.fixture
def clock(monkeypatch):
    """A clock of the test's own, which moves where somebody waits: `moments` says until when."""
    at = SimpleNamespace(now=100.0, moments=[])

    def wait(moment):
        at.moments.append(moment)
        at.now = max(at.now, moment)

    monkeypatch.setattr(rounds, "time", SimpleNamespace(monotonic=lambda: at.now))
    monkeypatch.setattr(rounds, "sleep_until", wait)
    return at


def test_rounds_keep_their_rate_and_ticks_they_ran_over_are_counted(clock, monkeypatch):
    taking, missed = [0.2, 0.4, 1.3, 0.5, 0.1], []

    def one_round(self, session, number, ticks):
        missed.append(ticks)
        clock.now += taking[number - 1]

    monkeypatch.setattr(rounds.Rounds, "_round", one_round)
    monkeypatch.setattr(rounds.Rounds, "_show", lambda *_: None)
    option = SimpleNamespace(collectonly=False)
    session = SimpleNamespace(testsfailed=0, items=["a check"], config=SimpleNamespace(option=option))
    assert rounds.Rounds(0.5, 5, None, None).pytest_runtestloop(session)
    assert clock.moments == pytest.approx([100.5, 101.0, 102.5, 103.0])
    assert missed == [0, 0, 0, 2, 0]


def test_the_worst_round_decides_and_both_changes_are_said(shop_project, shop, in_round):
    def say(status):
        return lambda: shop.say("/health", {"status": status, "cache": True})

    in_round({2: say("unhealthy"), 3: say("healthy")})
    ran = shop_project.pytest(*CHECKS, "--every", "200ms", "--rounds", "3")
    assert ran.code == 1, ran.said
    assert [one["api.healthy"] for one in rounds_of(shop_project).values()] == ["OK", "BREACHED", "OK"]
    assert "  HIGH api.healthy: no" in ran.said
    assert "  OK api.healthy: yes" in ran.said
    junit = (shop_project.root / "reports" / "latest" / "junit.xml").read_text()
    assert "HIGH api.healthy: no" in junit
    assert re.search(r"^HIGH api.healthy: no.* \[OK again in the last round\]$", ran.said, re.MULTILINE)


def test_what_is_still_red_in_the_last_round_is_not_said_to_be_ok_again(shop_project, shop, in_round):
    in_round({2: lambda: shop.say("/health", {"status": "unhealthy", "cache": True})})
    ran = shop_project.pytest(*CHECKS, "--every", "200ms", "--rounds", "3")
    assert ran.code == 1, ran.said
    assert "OK again" not in ran.said


def test_ticks_that_a_slow_round_ran_over_are_counted_and_said(shop_project, shop):
    shop.say("/items", {"items": [1]}, wait=0.7)
    ran = shop_project.pytest(*CHECKS, "--every", "200ms", "--rounds", "3")
    missed = [line["missed"] for line in shop_project.journal() if line["kind"] == "round"]
    assert missed[0] == 0
    assert missed[2] >= 3
    assert f"{missed[2]} ticks missed before it" in ran.said


def test_the_first_failing_round_ends_a_run_that_stops_at_failures(shop_project, shop):
    shop.say("/items", {"items": []})
    ran = shop_project.pytest(*CHECKS, "--every", "200ms", "--rounds", "5", "-x")
    assert ran.code == 1, ran.said
    assert list(rounds_of(shop_project)) == [1]


def test_rounds_that_only_once_could_not_tell_are_not_green(shop_project, shop, in_round):
    in_round({3: lambda: shop.say("/metrics", "gone", 404), 4: lambda: shop.answers.pop("/metrics")})
    ran = shop_project.pytest(*CHECKS, "--every", "200ms", "--rounds", "6")
    assert [one["api.errors"] for one in rounds_of(shop_project).values()].count("UNKNOWN") >= 1, ran.said
    assert rounds_of(shop_project)[6]["api.errors"] == "OK", ran.said
    assert ran.code == 11, ran.said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--every", "1s", "--rounds", "1", "-n", "2"), "--every runs its rounds in one process: leave out -n"),
        (("--rounds", "3"), "pass --every DURATION"),
        (("--every", "often"), "--every: 'often' is no duration"),
        (("--every", "0s"), "rounds need time between them"),
        (("--every", "1s", "--rounds", "0"), "there is at least one round"),
    ],
)
def test_rounds_that_make_no_sense_are_usage_errors(shop_project, shop, arguments, message):
    ran = shop_project.pytest(*CHECKS, *arguments)
    assert ran.code == 4, ran.said
    assert message in ran.said
    assert shop.asked == []


def test_rounds_beyond_a_services_budget_are_refused_with_the_smallest_interval(shop_project, shop):
    shop_project.edit("systems/shop/system.toml", 'deadline = "5s"', 'deadline = "5s"\nbudget = "60/min"')
    refused = shop_project.pytest(*CHECKS, "--every", "2s", "--rounds", "2")
    assert refused.code == 4, refused.said
    assert "budget of web (60/min) allows: use --every 8s" in refused.said
    assert shop.asked == []
    allowed = shop_project.pytest(*CHECKS, "--every", "8s", "--rounds", "1")
    assert allowed.code == 0, allowed.said
    assert len(shop.asked) == 8, "the budget's arithmetic is what a round really asks"


def test_what_is_mute_is_asked_at_a_growing_distance_and_stays_red_in_between(shop_project, shop):
    shop_project.edit("systems/shop/system.toml", 'deadline = "5s"', 'deadline = "1s"')
    shop.say("/health", {}, wait=2.0)
    ran = shop_project.pytest(*CHECKS, "--every", "1500ms", "--rounds", "3")
    assert ran.code == 1, ran.said
    assert [one["api.up"] for one in rounds_of(shop_project).values()] == ["BREACHED"] * 3
    assert shop.asked == ["/health", "/health"], "one question in two of three rounds"
    assert "  web is mute: asked again in 1.5 s\n" in ran.said
    assert "  web is mute: asked again in 3 s\n" in ran.said
    assert [line["reason"] for line in shop_project.journal() if line.get("name") == "api.up"][2].count(" (asked ") == 1


def test_an_endpoint_whose_budget_is_used_up_is_left_out_for_now_and_that_is_said(shop_project, shop):
    shop_project.edit("systems/shop/system.toml", 'path = "/items",', 'path = "/items", budget = "2/h",')
    ran = shop_project.pytest(*CHECKS, "--every", "300ms", "--rounds", "4")
    assert ran.code == 0, ran.said
    assert shop.asked.count("/items") == 2
    assert [one["items.ok"] for one in rounds_of(shop_project).values()] == ["OK", "OK", "skipped", "skipped"]
    summary = (shop_project.root / "reports" / "latest" / "summary.md").read_text()
    assert "budget used up: 2/h, asked" in summary.replace("\\", "")


def test_a_run_that_a_services_budget_has_no_room_for_cannot_tell(shop_project, shop):
    shop_project.edit("systems/shop/system.toml", 'deadline = "5s"', 'deadline = "5s"\nbudget = "4 in all"')
    ran = shop_project.pytest(*CHECKS)
    assert ran.code == 11, ran.said
    assert "budget used up: 4 in all, reading it once asks 8 (services.web.budget)" in ran.said
    assert shop.asked == []


def test_a_parent_is_told_through_a_descriptor_and_no_report_is_made(shop_project):
    reading, writing = os.pipe()
    ran = shop_project.pytest(
        *CHECKS, "--every", "200ms", "--rounds", "2", "--journal-fd", str(writing), pass_fds=(writing,)
    )
    os.close(writing)
    with os.fdopen(reading) as lines:
        told = [json.loads(line) for line in lines]
    assert ran.code == 0, ran.said
    assert [line["number" if "number" in line else "round"] for line in told if line["kind"] == "round"] == [1, 2]
    assert told[-1]["kind"] == "end"
    assert not (shop_project.root / "reports").exists()
