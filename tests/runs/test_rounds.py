"""`--every`: rounds at a fixed rate in one process, missed ticks said, and the worst of them decides."""

from __future__ import annotations

import json
import os
import threading
import time

import pytest

CHECKS = ("checks", "--target", "shop@local", "--interval", "0.2")
ALL = 9


def rounds_of(project):
    """The journal's verdicts by round."""
    found = {}
    for line in project.journal():
        if line["kind"] == "verdict":
            found.setdefault(line["round"], {})[line["name"]] = line["verdict"]
    return found


def test_every_round_judges_everything_anew(shop_project):
    ran = shop_project.pytest(*CHECKS, "--every", "300ms", "--rounds", "3")
    assert ran.code == 0, ran.said
    assert {number: len(verdicts) for number, verdicts in rounds_of(shop_project).items()} == {1: ALL, 2: ALL, 3: ALL}
    assert "round 3: 9 OK" in ran.said


def test_rounds_keep_their_rate(shop_project):
    shop_project.pytest(*CHECKS, "--every", "500ms", "--rounds", "5")
    rounds = [line for line in shop_project.journal() if line["kind"] == "round"]
    seconds = [float(line["t"][17:23]) for line in rounds]
    ticks = sum(1 + line["missed"] for line in rounds[2:])
    assert (seconds[-1] - seconds[1]) % 60 == pytest.approx(0.5 * ticks, abs=0.45)


def test_a_counter_is_measured_since_the_round_before(shop_project, shop):
    shop_project.pytest(*CHECKS, "--every", "300ms", "--rounds", "3")
    asked = [path for path in shop.asked if path in ("/health", "/metrics")]
    assert asked == ["/health", "/metrics", "/metrics"] + 2 * ["/metrics", "/health", "/metrics"]


def test_the_worst_round_decides_and_both_changes_are_said(shop_project, shop):
    def break_and_mend():
        while shop.asked.count("/health") < 2:
            time.sleep(0.02)
        shop.say("/health", {"status": "unhealthy", "cache": True})
        while shop.asked.count("/health") < 4:
            time.sleep(0.02)
        shop.say("/health", {"status": "healthy", "cache": True})

    hand = threading.Thread(target=break_and_mend)
    hand.start()
    ran = shop_project.pytest(*CHECKS, "--every", "400ms", "--rounds", "7")
    hand.join()
    assert ran.code == 1, ran.said
    assert [one["api.healthy"] for one in rounds_of(shop_project).values()][-1] == "OK"
    assert "  HIGH api.healthy: no" in ran.said
    assert "  OK api.healthy: yes" in ran.said
    junit = (shop_project.root / "reports" / "latest" / "junit.xml").read_text()
    assert "HIGH api.healthy: no" in junit


def test_ticks_that_a_slow_round_ran_over_are_counted_and_said(shop_project, shop):
    shop.say("/items", {"items": [1]}, wait=0.7)
    ran = shop_project.pytest(*CHECKS, "--every", "200ms", "--rounds", "3")
    missed = [line["missed"] for line in shop_project.journal() if line["kind"] == "round"]
    assert missed[:2] == [0, 0], "the first round was measured before the clock started"
    assert missed[2] >= 3
    assert f"{missed[2]} ticks missed before it" in ran.said


def test_the_first_failing_round_ends_a_run_that_stops_at_failures(shop_project, shop):
    shop.say("/items", {"items": []})
    ran = shop_project.pytest(*CHECKS, "--every", "200ms", "--rounds", "5", "-x")
    assert ran.code == 1, ran.said
    assert list(rounds_of(shop_project)) == [1]


def test_rounds_that_only_once_could_not_tell_are_not_green(shop_project, shop):
    def nobody_visits_for_a_while():
        while shop.asked.count("/health") < 2:
            time.sleep(0.02)
        shop.visitors = False

    hand = threading.Thread(target=nobody_visits_for_a_while)
    hand.start()
    ran = shop_project.pytest(*CHECKS, "--every", "300ms", "--rounds", "5")
    hand.join()
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
    shop_project.edit("systems/shop/system.toml", 'deadline = "1s"', 'deadline = "1s"\nbudget = "60/min"')
    refused = shop_project.pytest(*CHECKS, "--every", "2s", "--rounds", "2")
    assert refused.code == 4, refused.said
    assert "budget of web (60/min) allows: use --every 5s" in refused.said
    assert shop.asked == []
    allowed = shop_project.pytest(*CHECKS, "--every", "5s", "--rounds", "1")
    assert allowed.code == 0, allowed.said
    assert len(shop.asked) == 5, "the budget's arithmetic is what a round really asks"


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
