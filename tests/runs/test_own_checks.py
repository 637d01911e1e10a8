"""Checks of a user's own: plain numbers, plain asserts, and checks for some systems only."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from drillbook.judging.limit import Limit, ladder
from drillbook.judging.observation import Observation, observed
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome

RUN = ("checks", "--target", "shop@local", "--interval", "0.2")
LIMITS = """
[limits."shop.baskets"]
own = true
unit = "baskets"
high = "< 10"
[limits."shop.open"]
own = true
high = "no"
"""
NUMBERS = """
from decimal import Decimal


def test_enough(judge):
    judge("shop.baskets", 12)
    judge("shop.baskets", Decimal("10.5"))
    judge("shop.open", True)


def test_too_few(judge):
    judge("shop.baskets", 9.5)
    judge("shop.open", False)


def test_nothing(judge):
    for found in (None, float("nan"), "12"):
        judge("shop.baskets", found)
"""
ASSERTS = """
import pytest


@pytest.fixture
def page():
    assert True
    return [3, 4]


def looked_at(prices):
    for price in prices:
        assert price > 0


def test_holds(page):
    assert page
    looked_at(page)


def test_looks_at_nothing(page):
    looked_at([])


def test_asserts_in_a_fixture_alone(page):
    pass


def test_fails(page):
    assert page[0] == 3
    assert page[1] == 3
"""


class bool_:  # noqa: N801 (numpy calls it so)
    """Numpy's bool, which is none of Python's."""

    def __bool__(self):
        return True


@pytest.mark.parametrize(
    ("found", "value"),
    [(12, 12.0), (Decimal("1.5"), 1.5), (Fraction(1, 4), 0.25), (True, True), (False, False), (bool_(), True)],
)
def test_what_a_check_found_out_itself_is_an_observation(found, value):
    assert observed(found) == Observation(value)
    assert isinstance(observed(found).value, type(value))


@pytest.mark.parametrize(
    "found", [None, math.nan, math.inf, Decimal("NaN"), Decimal("sNaN"), 10**400, 1j, "12", [12], object()]
)
def test_what_is_no_finite_number_is_nothing_measured(found):
    limit = Limit("shop.baskets", ladder({Severity.HIGH: "< 10"}))
    verdict = limit.judge(observed(found))
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.reason.startswith("got ")


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_plain_number_is_judged_in_the_limits_unit(shop_project, workers):
    shop_project.edit("systems/shop/system.toml", "[environments.local]", f"{LIMITS}[environments.local]")
    shop_project.write("checks/test_own.py", NUMBERS)
    ran = shop_project.pytest(*RUN, "-k", "test_own", *workers)
    assert ran.code == 1, ran.said
    assert "HIGH shop.baskets: 9.5 baskets < 10 baskets" in ran.said
    assert "HIGH shop.open: no" in ran.said
    assert "UNKNOWN (high) shop.baskets: got None (NoneType): hand judge" in ran.said
    said = [line["verdict"] for line in shop_project.journal() if line["kind"] == "verdict"]
    assert sorted(said) == ["BREACHED"] * 2 + ["OK"] * 3 + ["UNKNOWN"] * 3


@pytest.mark.parametrize("how", [(), ("-n", "2"), ("--every", "0.1s", "--rounds", "2")])
def test_asserts_that_ran_and_held_are_ok_and_none_is_nothing_measured(shop_project, how):
    shop_project.write("checks/test_own.py", ASSERTS)
    ran = shop_project.pytest(*RUN, "-k", "test_own", *how)
    assert ran.code == 1, ran.said
    assert shop_project.verdicts() == {
        "test_holds": "OK",
        "test_looks_at_nothing": "UNKNOWN",
        "test_asserts_in_a_fixture_alone": "UNKNOWN",
        "test_fails": "BREACHED",
    }
    assert "CRITICAL test_fails: no, assert 4 == 3" in ran.said
    assert "test_looks_at_nothing: this check judged nothing: it called no judge, and no assert of its own" in ran.said


def test_asserts_alone_make_a_green_run(shop_project):
    shop_project.write("checks/test_own.py", "def test_holds():\n    assert 3 > 2\n    assert 4 > 2\n")
    ran = shop_project.pytest(*RUN, "-k", "test_own")
    assert ran.code == 0, ran.said
    [verdict] = [line for line in shop_project.journal() if line["kind"] == "verdict"]
    assert (verdict["verdict"], verdict["reason"]) == ("OK", "2 asserts held")


OTHERS = """
import pytest

pytestmark = pytest.mark.systems("other")


@pytest.fixture
def what_only_the_other_has():
    raise KeyError("what only the other has")


def test_the_others(what_only_the_other_has, api, endpoint, judge):
    judge("api.up", api.answers())


@pytest.mark.systems("shop", "other")
def test_of_both(api, judge):
    judge("api.up", api.answers())
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_check_for_another_system_is_not_there_and_is_no_selection(shop_project, workers):
    shop_project.write("systems/other/system.toml", (shop_project.root / "systems/shop/system.toml").read_text())
    shop_project.edit("systems/other/system.toml", 'name = "shop"', 'name = "other"')
    shop_project.write("checks/test_others.py", OTHERS)
    ran = shop_project.pytest(*RUN, *workers)
    assert ran.code == 0, ran.said
    assert "left out by" not in ran.said
    assert "not covered" not in ran.said
    told = {line["check"] for line in shop_project.journal() if line["kind"] == "verdict"}
    assert "checks/test_others.py::test_of_both" in told
    assert not [check for check in told if "test_the_others" in check]
    assert workers or "not for shop: checks/test_others.py::test_the_others (for other)" in ran.said


@pytest.mark.parametrize("named", ['"shpo"', ""])
def test_a_system_that_nobody_knows_is_said(shop_project, shop, named):
    shop_project.write("checks/test_others.py", OTHERS.replace('("other")', f"({named})", 1))
    ran = shop_project.pytest(*RUN)
    assert ran.code == 2, ran.said
    assert f"systems(…) names {named.replace(chr(34), chr(39)) or 'none'}: name systems there are (shop)" in ran.said
    assert "Traceback" not in ran.said


def test_a_system_whose_every_check_is_for_others_has_nothing_collected(shop_project):
    shop_project.edit(
        "checks/test_shop.py", '"""The shop', 'import pytest\npytestmark = pytest.mark.systems("other")\n"""'
    )
    shop_project.write("systems/other/system.toml", '[system]\nname = "other"\n')
    assert shop_project.pytest(*RUN).code == 5


def test_a_limit_that_nothing_states_says_how_one_of_your_own_is_stated(shop_project):
    shop_project.write("checks/test_own.py", 'def test_enough(judge):\n    judge("shop.carts", 3)\n')
    ran = shop_project.pytest(*RUN, "-k", "test_own")
    assert ran.code == 11, ran.said
    assert 'one of your own is stated in system.toml: [limits."shop.carts"], own = true' in ran.said


ASSERTED = """
def test_it_is_there(api):
    assert api.answers()


def test_it_is_another(api):
    assert api.get("/status").at("$.depth") != 17


def test_it_is_low(api):
    assert api.get("/status").at("$.depth") < 100


def test_there_is_a_page(api):
    assert api.get("/status")
"""


def test_an_answer_that_is_asserted_instead_of_judged_is_unknown_and_says_what_to_write(shop_project, shop):
    shop_project.write("checks/test_own.py", ASSERTED)
    shop.say("/status", {"depth": 17})
    ran = shop_project.pytest(*RUN, "-k", "test_own")
    assert ran.code == 11, ran.said
    assert set(shop_project.verdicts().values()) == {"UNKNOWN"}
    assert ran.said.count('an answer is judged by a limit, not asserted: judge("NAME", answer)') >= 3
    assert 'a page is asked for what it holds: api.get("/path").at("$.field")' in ran.said
