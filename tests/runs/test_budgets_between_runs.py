"""A budget that comes back holds between runs: what others of the project asked counts, and is said."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from drillbook.plugin.inquiry import inquire
from drillbook.system.library import Library
from drillbook.system.target import load_target

TARGET = ("--target", "shop@local")
RUN = ("checks", *TARGET, "--interval", "0.2")
SYSTEM = "systems/shop/system.toml"
ONE = 8  # what one run asks
OWN = """
def test_depth(api, judge):
    judge("shop.depth", api.get("/status").at("$.depth"))
"""


@pytest.fixture
def budget(shop_project):
    """States the budget of the shop."""

    def state(text):
        shop_project.edit(SYSTEM, 'deadline = "5s"', f'deadline = "5s"\nbudget = "{text}"')

    return state


@pytest.fixture
def remembered(shop_project):
    """What runs remember of a target: by default of the shop."""

    def read(target="shop@local"):
        path = shop_project.root / ".drillbook" / f"{target}.asked"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else None

    return read


def reasons(project):
    """Why the newest run could not tell."""
    return {line["reason"] for line in project.journal() if line.get("verdict") == "UNKNOWN"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_what_an_earlier_run_asked_counts_and_that_is_said_with_the_key(
    shop_project, shop, budget, remembered, workers
):
    budget("15/h")
    assert shop_project.pytest(*RUN, *workers).code == 0
    assert len(shop.asked) == ONE
    ran = shop_project.pytest(*RUN, *workers)
    assert ran.code == 11, ran.said
    assert len(shop.asked) == ONE, "nothing more was asked"
    assert set(shop_project.verdicts().values()) == {"UNKNOWN"}
    [reason] = {reason for reason in reasons(shop_project) if not reason.startswith("api.up")}
    assert re.fullmatch(
        r"budget used up: 15/h, of which 8 were asked by other runs, reading it once asks 8, "
        r"room again in (59|60) min \(services.web.budget\)",
        reason,
    )
    assert [(one["service"], one["count"]) for one in remembered()] == [("web", ONE)]
    assert shop.token not in json.dumps(remembered())


def test_runs_that_fit_are_green_and_each_is_remembered(shop_project, shop, budget, remembered):
    budget(f"{2 * ONE}/h")
    assert [shop_project.pytest(*RUN).code for _ in range(3)] == [0, 0, 11]
    assert [one["count"] for one in remembered()] == [ONE, ONE]
    assert len(shop.asked) == 2 * ONE


def test_what_was_not_asked_in_the_end_is_given_back(shop_project, shop, budget, remembered):
    budget("100/h")
    shop_project.environ["SHOP_URL"] = "http://127.0.0.1:9"
    assert shop_project.pytest(*RUN).code == 1
    assert [one["count"] for one in remembered()] == [1]


@pytest.mark.parametrize("text", ["", "100 in all"], ids=["no budget", "in all"])
def test_nothing_is_remembered_where_no_budget_comes_back(shop_project, budget, text):
    if text:
        budget(text)
    assert [shop_project.pytest(*RUN).code for _ in range(2)] == [0, 0]
    assert not (shop_project.root / ".drillbook").exists()


def test_two_runs_at_once_share_it(shop_project, shop, budget):
    budget(f"{2 * ONE - 1}/h")
    shop.answers["/health"].wait = 1.0
    with ThreadPoolExecutor(2) as both:
        ran = [*both.map(lambda name: shop_project.pytest(*RUN, "--reports", name, cold=True), ("one", "other"))]
    assert sorted(one.code for one in ran) == [0, 11], [one.said for one in ran]
    assert len(shop.asked) == ONE


def test_what_a_killed_run_was_about_to_ask_counts(shop_project, shop, budget, remembered):
    budget(f"{2 * ONE - 1}/h")
    shop.answers["/health"].wait = 5.0
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *RUN],
        cwd=shop_project.root,
        env={**shop_project.inherited(), **shop_project.environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    deadline = time.monotonic() + 60
    while not shop.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    shop.answers["/health"].wait = 0.0
    ran = shop_project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "of which 8 were asked by other runs" in ran.said
    assert shop.asked == ["/health"]


def test_rounds_wait_for_room_and_go_on_then(shop_project, shop, budget, remembered):
    budget("120/min")
    asked = {"run": "earlier", "service": "web", "page": "", "count": 115, "at": time.time() - 53}
    shop_project.write(".drillbook/shop@local.asked", json.dumps(asked))
    ran = shop_project.pytest(*RUN, "--every", "5s", "--rounds", "2")
    assert ran.code == 11, ran.said
    rounds = [line for line in shop_project.journal() if line.get("name") == "api.up"]
    assert [line["verdict"] for line in rounds] == ["UNKNOWN", "OK"], ran.said
    assert "120/min, of which 115 were asked by other runs" in rounds[0]["reason"]
    assert len(shop.asked) == sum(one["count"] for one in remembered() if one["run"] != "earlier")


def test_each_target_is_remembered_by_itself(shop_project, shop, mall, budget, remembered):
    budget("10/h")
    for name in ("shop", "mall"):
        other = 'deadline = "5s"\nbudget = "10/h"'
        path = f"systems/{name}/system.toml"
        if other not in (shop_project.root / path).read_text():
            shop_project.edit(path, 'deadline = "5s"', other)
    assert shop_project.pytest(*RUN).code == 0
    ran = shop_project.pytest("checks", *TARGET, "--target", "mall@local", "--interval", "0.2")
    assert ran.code == 11, ran.said
    assert (len(shop.asked), len(mall.asked)) == (ONE, ONE)
    assert remembered("mall@local")[0]["run"] != remembered()[0]["run"]


def test_an_endpoint_that_others_used_up_is_unknown_and_all_else_is_judged(shop_project, shop, remembered):
    shop_project.edit(SYSTEM, 'path = "/items",', 'path = "/items", budget = "2/h", samples = 3,')
    assert shop_project.pytest(*RUN).code == 0
    ran = shop_project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "budget used up: 2/h, of which 2 were asked by other runs, room again in" in ran.said
    assert "(services.web.endpoints.items.budget)" in ran.said
    assert {name for name, verdict in shop_project.verdicts().items() if verdict != "OK"} == {
        "items.ok",
        "items.latency",
    }
    assert shop.asked.count("/items") == 2
    assert [(one["page"], one["count"]) for one in remembered()] == [("endpoint items", 2)]


def test_an_endpoint_has_as_many_samples_as_others_leave(shop_project, shop):
    shop_project.edit(SYSTEM, 'path = "/items",', 'path = "/items", budget = "5/h", samples = 3,')
    assert [shop_project.pytest(*RUN).code for _ in range(2)] == [0, 0]
    assert shop.asked.count("/items") == 5
    reason = next(line["reason"] for line in shop_project.journal() if line.get("name") == "items.latency")
    assert reason == "2 of 3 samples: its budget has no more room"


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_what_a_check_of_ones_own_asks_is_taken_from_what_others_leave(shop_project, shop, budget, remembered, workers):
    limit = '[limits."shop.depth"]\nown = true\nhigh = "> 100"\n[environments.local]\n'
    shop_project.edit(SYSTEM, "[environments.local]\n", limit)
    shop_project.write("checks/test_own.py", OWN)
    shop.say("/status", {"depth": 17})
    budget(f"{2 * ONE + 2}/h" if workers else f"{2 * ONE + 1}/h")
    first = shop_project.pytest(*RUN, *workers)
    assert first.code == 0, first.said
    assert sum(one["count"] for one in remembered()) == ONE + 1
    if workers:  # as if one more had been asked
        shop_project.write(
            ".drillbook/shop@local.asked", json.dumps(remembered()[0] | {"count": ONE + 2, "at": time.time()})
        )
    ran = shop_project.pytest(*RUN, *workers)
    assert ran.code == 11, ran.said
    [reason] = reasons(shop_project)
    assert (
        f"of which {ONE + (2 if workers else 1)} were asked by other runs, this would ask 1 more, room again" in reason
    )
    assert shop.asked.count("/status") == 1


def test_a_file_that_cannot_be_used_is_said_in_a_line_and_the_run_goes_on(shop_project, budget):
    budget("15/h")
    (shop_project.root / ".drillbook" / "shop@local.asked").mkdir(parents=True)
    for _ in range(2):
        ran = shop_project.pytest(*RUN)
        assert ran.code == 0, ran.said
        assert ran.said.count("shop@local.asked: Is a directory: what other runs ask is not known") == 1


def test_a_drills_copy_is_the_runs_own_and_nothing_is_remembered_of_it(shop_project, budget):
    budget("15/h")
    library = Library(shop_project.root, shop_project.environ)
    config = SimpleNamespace(rootpath=shop_project.root, stash={})
    for name, known in (("shop@local", True), ("shop@drill", False)):
        [inquiry] = inquire(config, [load_target(name, library)])
        assert (inquiry.memory is not None) is known
