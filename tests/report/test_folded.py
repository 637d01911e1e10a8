"""What an API says of a cache that is down is told under that, in every report, and counts as ever."""

from __future__ import annotations

import re

import pytest

RUN = ("checks", "--target", "shop@local", "--interval", "0.2")
CACHE = """
[services.cache]
kind = "redis"
roles = ["cache"]
url = { env = "SHOP_CACHE_URL" }
[limits."redis.up"]
medium = "no"
[escalation]
critical = { respond = "5m", resolve = "1h", call = "wake somebody" }
medium = { respond = "1h", resolve = "1d", call = "a mail" }
"""
CHECKS = '''
"""The cache of the shop."""


def test_the_cache_answers(redis, judge):
    judge("redis.up", redis.answers())
    judge("redis.memory", redis.memory_used())
'''
WHY = '/ready answered 503: {"cache": "down"}'
EFFECTS = f"and so 4 more: api.ready (CRITICAL: {WHY}), api.healthy (HIGH), health.cache (HIGH), redis.memory"
NAMES = ("redis.up", "health.cache", "api.ready", "api.healthy")


@pytest.fixture
def without_a_cache(shop_project, shop):
    """The shop, which says that its cache is down, as it is: of medium weight, although nothing is well without it."""
    shop_project.environ["SHOP_CACHE_URL"] = "redis://127.0.0.1:9/0"
    shop_project.edit("systems/shop/system.toml", "[environments", f"{CACHE}[environments")
    shop_project.write("checks/test_cache.py", CHECKS)
    shop.say("/health", {"status": "unhealthy", "cache": False}, 503)
    shop.say("/ready", {"cache": "down"}, 503)
    return shop_project


@pytest.fixture
def report(without_a_cache):
    """A file of the newest run's report."""
    return lambda name: (without_a_cache.root / "reports" / "latest" / name).read_text()


def rows(summary):
    """The rows of a summary that are not OK."""
    return [line.replace("\\", "") for line in summary.splitlines() if re.match(r"\| (MEDIUM|HIGH|CRIT|UNKN)", line)]


def test_the_terminal_says_it_under_the_cause_with_its_severity(without_a_cache):
    ran = without_a_cache.pytest(*RUN)
    assert ran.code == 1, ran.said
    [cause, effects] = ran.said[ran.said.rindex("MEDIUM redis.up") :].splitlines()[:2]
    assert cause.startswith("MEDIUM redis.up: no, connection refused")
    assert "below the gate" not in cause, "which is failed by what comes of it"
    assert effects == f"  {EFFECTS}"


def test_the_summary_does_and_calls_whom_the_worst_of_it_calls(without_a_cache, report):
    without_a_cache.pytest(*RUN)
    [row] = rows(report("summary.md"))
    assert EFFECTS in row
    assert "wake somebody: answer within 5m" in row
    assert "3 fail the gate" in report("summary.md").replace("\\", "")


def test_the_page_does(without_a_cache, report, parsed):
    without_a_cache.pytest(*RUN)
    said = parsed(report("index.html")).text
    assert said.index(" redis.up checks/") < said.index("wake somebody") < said.index(EFFECTS)
    assert said.index(EFFECTS) < said.index("api.ready CRITICAL") < said.index("health.cache HIGH")


def test_it_counts_as_ever(without_a_cache, report):
    assert without_a_cache.pytest(*RUN, "--gate", "critical").code == 1
    red = {line["name"] for line in without_a_cache.journal() if line.get("verdict") == "BREACHED"}
    assert red == {*NAMES}
    assert report("junit.xml").count("<failure") == 1
    assert without_a_cache.pytest(*RUN, "--gate", "low").code == 1
    assert all(f" {name}: no" in report("junit.xml") for name in NAMES)


def test_with_another_part_down_the_whole_speaks_for_itself(without_a_cache, report, shop):
    system = "systems/shop/system.toml"
    without_a_cache.edit(system, 'parts = { cache = "$.cache" }', 'parts = { cache = "$.cache", mail = "$.mail" }')
    shop.say("/health", {"status": "unhealthy", "cache": False, "mail": False}, 503)
    ran = without_a_cache.pytest(*RUN)
    assert "  and so 2 more: health.cache (HIGH: $.cache is false), redis.memory\n" in ran.said
    assert [row.split(" | ")[1] for row in rows(report("summary.md"))] == [
        *("api.ready", "redis.up", "api.healthy", "health.mail"),
    ]
