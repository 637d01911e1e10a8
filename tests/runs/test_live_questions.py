"""What a check of one's own asks live counts: in what the run says that it asked, and in the service's budget."""

from __future__ import annotations

import pytest

RUN = ("checks", "--target", "shop@local", "--interval", "0.1")
SYSTEM = "systems/shop/system.toml"
LIMIT = '[limits."shop.depth"]\nown = true\nhigh = "> 100"\n[environments.local]\n'
OWN = """
import pytest


@pytest.mark.parametrize("number", range(3))
def test_depth(api, judge, number):
    judge("shop.depth", api.get("/status").at("$.depth"))
"""
EVERY = ("--every", "0.2s", "--rounds", "2")


@pytest.fixture
def asking(shop_project, shop):
    """The shop, with a check that asks it live three times."""
    shop_project.edit(SYSTEM, "[environments.local]\n", LIMIT)
    shop_project.write("checks/test_own.py", OWN)
    shop.say("/status", {"depth": 17})
    return shop_project


def asked(project):
    """What the newest run says that it asked."""
    return project.journal()[-1]["asked"]["web"]


def depths(project):
    return [line["verdict"] for line in project.journal() if line["kind"] == "verdict" and line["name"] == "shop.depth"]


def with_budget(project, shop, budget):
    """Runs once without a budget, then states one: so much more than a run asks by itself."""
    assert project.pytest(*RUN).code == 0
    project.edit(SYSTEM, "samples = 1\n", f'samples = 1\nbudget = "{asked(project) - 3 + budget}/h"\n')
    shop.asked.clear()


@pytest.mark.parametrize("how", [(), ("-n", "2"), EVERY], ids=["once", "two processes", "rounds"])
def test_the_run_says_so_much_as_the_server_heard(asking, shop, how):
    ran = asking.pytest(*RUN, *how)
    assert ran.code == 0, ran.said
    assert shop.asked.count("/status") == (6 if how == EVERY else 3)
    assert asked(asking) == len(shop.asked)
    assert f"asked: web {len(shop.asked)}" in ran.said


def test_a_budget_that_is_used_up_is_said_with_its_key(asking, shop):
    with_budget(asking, shop, 2)
    ran = asking.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert depths(asking) == ["OK", "OK", "UNKNOWN"]
    assert shop.asked.count("/status") == 2
    assert asked(asking) == len(shop.asked)
    assert "this would ask 1 more (services.web.budget)" in ran.said


def test_two_processes_share_it(asking, shop):
    with_budget(asking, shop, 2)
    ran = asking.pytest(*RUN, "-n", "2", "--dist", "loadscope")
    assert ran.code == 11, ran.said
    assert sorted(depths(asking)) == ["OK", "UNKNOWN", "UNKNOWN"]  # one process has half of it


def test_of_a_budget_for_a_whole_run_rounds_take_what_is_left(asking, shop):
    assert asking.pytest(*RUN, *EVERY).code == 0
    enough = asked(asking)
    for budget, last in ((enough, "OK"), (enough - 1, "UNKNOWN")):
        stated = f'samples = 1\nbudget = "{budget} in all"\n'
        asking.edit(SYSTEM, "samples = 1\n" if last == "OK" else stated.replace(str(budget), str(enough)), stated)
        shop.asked.clear()
        asking.pytest(*RUN, *EVERY)
        assert depths(asking) == ["OK"] * 5 + [last]
        assert asked(asking) == len(shop.asked) == budget


def test_an_endpoint_with_a_budget_is_left_to_the_rounds(asking, shop):
    asking.edit(SYSTEM, "at_least = 1 }", 'at_least = 1, budget = "60/min" }')
    asking.edit("checks/test_own.py", "/status", "/items")
    ran = asking.pytest(*RUN)
    assert depths(asking) == ["UNKNOWN"] * 3
    assert "services.web.endpoints.items.budget" in ran.said
    assert asked(asking) == len(shop.asked)


IN_A_FIXTURE = """
import pytest


@pytest.fixture
def depth(api):
    return api.get("/status").at("$.depth")


@pytest.mark.parametrize("number", range(3))
def test_depth(depth, judge, number):
    judge("shop.depth", depth)
"""


@pytest.mark.parametrize("how", [(), ("-n", "2", "--dist", "loadscope")], ids=["once", "two processes"])
def test_what_refuses_a_fixture_is_not_asked_again_by_the_next_check(asking, shop, how):
    asking.write("checks/test_own.py", IN_A_FIXTURE)
    shop.say("/status", {}, 429)
    ran = asking.pytest(*RUN, *how)
    assert ran.code == 11, ran.said
    assert depths(asking) == ["UNKNOWN"] * 3
    assert shop.asked.count("/status") == 1
