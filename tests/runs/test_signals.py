"""A system's own numbers in whole runs: judged one by one, red where they are bad, UNKNOWN where nobody judges."""

from __future__ import annotations

import pytest

SIGNALS = """
[signals."queue.depth"]
read = { service = "web", path = "/status", json = "$.depth" }
unit = "jobs"
high = "> 1000"
[signals."scraper.success"]
read = { service = "web", path = "/status", json = "$.platforms.*.success" }
names = ["twitter", "reddit"]
unit = "%"
high = "< 80"
critical = "< 50"
[signals."scraper.success(reddit)"]
medium = "< 20"
[signals."cache.size"]
read = { service = "web", path = "/health", json = "$.size" }
off = "nobody needs it"
"""
OK = {"queue.depth": "OK", "scraper.success(twitter)": "OK", "scraper.success(reddit)": "OK"}
OWN = """
def test_own(api, judge):
    judge("queue.depth", api.get("/status").at("$.depth"))
"""


@pytest.fixture
def with_signals(shop_project, shop):
    """The shop's project, with signals and the check that judges them."""
    shop_project.edit("systems/shop/system.toml", "[environments.local]", f"{SIGNALS}[environments.local]")
    check = (shop_project.checkout / "checks" / "test_signals.py").read_text()
    shop_project.write("checks/test_signals.py", check)
    shop.say("/status", {"depth": 17, "platforms": {"twitter": {"success": 97.5}, "reddit": {"success": 30}}})
    return shop_project


def run(project, *arguments):
    return project.pytest("checks", "--target", "shop@local", "--interval", "0.2", *arguments)


def judged(project):
    return {name: verdict for name, verdict in project.verdicts().items() if name.startswith(("queue", "scraper"))}


@pytest.mark.parametrize("how", [(), ("-n", "2")])
def test_each_is_judged_by_its_own_limit(with_signals, shop, how):
    ran = run(with_signals, *how)
    assert ran.code == 0, ran.said
    assert judged(with_signals) == OK
    assert shop.asked.count("/status") == 1
    assert "signals.cache.size" in ran.said


def test_what_is_bad_is_red_and_says_where_it_was_read(with_signals, shop):
    shop.say("/status", {"depth": 1200, "platforms": {"twitter": {"success": 40}, "reddit": {"success": 10}}})
    ran = run(with_signals, "-k", "signals")
    assert ran.code == 1, ran.said
    assert "HIGH queue.depth: 1200 jobs > 1000 jobs (shop@local, answered by web 127.0.0.1:" in ran.said
    assert "CRITICAL scraper.success(twitter): 40 % < 50 %" in ran.said
    assert "MEDIUM scraper.success(reddit): 10 % < 20 %" in ran.said
    assert "stated in systems/shop/system.toml" in ran.said


def test_what_is_missing_is_unknown(with_signals, shop):
    shop.say("/status", {"depth": None, "platforms": {"twitter": {"success": 90}}})
    ran = run(with_signals, "-k", "signals")
    assert ran.code == 11, ran.said
    assert judged(with_signals) == OK | {"queue.depth": "UNKNOWN", "scraper.success(reddit)": "UNKNOWN"}
    assert "it is not in the answer; there are: twitter" in ran.said


def test_of_a_service_that_is_down_the_cause_is_red_and_they_are_unknown(with_signals, shop):
    shop.say("/health", "gone", 503)
    ran = run(with_signals)
    assert ran.code == 1, ran.said
    assert judged(with_signals) == dict.fromkeys(OK, "UNKNOWN")
    assert "/status" not in shop.asked


def test_what_nobody_judges_is_unknown(with_signals):
    with_signals.write("checks/test_signals.py", "")
    ran = run(with_signals)
    assert ran.code == 11, ran.said
    assert ": declared, and nothing judged it: checks/test_signals.py judges it" in ran.said
    assert {name: said for name, said in with_signals.verdicts().items() if name.startswith("signals.")} == {
        f"signals.{name}": "UNKNOWN" for name in OK
    }
    assert judged(with_signals) == {}


def test_a_check_of_ones_own_judges_it_as_well(with_signals):
    with_signals.write("checks/test_own.py", OWN)
    assert run(with_signals, "-k", "test_own").code == 0
    assert judged(with_signals) == {"queue.depth": "OK"}


def test_a_wrong_one_is_a_usage_error_in_words(with_signals):
    with_signals.edit("systems/shop/system.toml", 'json = "$.depth"', 'json = "depth"')
    ran = run(with_signals)
    assert ran.code == 4, ran.said
    assert "signals.queue.depth.read.json: 'depth' is no JSON path" in ran.said
    assert "Traceback" not in ran.said
