"""Which limits hold: the house's, or what is stated for all, for a pattern, for one service; and what is not asked."""

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.judging.observation import Observation, missing
from drillbook.judging.verdict import Outcome
from drillbook.system.library import Library
from drillbook.system.target import load_target

SHOP = """
[system]
name = "shop"
[services.web]
kind = "http"
url = { env = "SHOP_URL" }
health = { path = "/health", parts = { cache = "$.cache", mail = "$.mail" } }
endpoints.items = { path = "/items" }
endpoints.users = { path = "/users" }
[services.admin]
kind = "http"
url = { env = "SHOP_URL" }
endpoints.items = { path = "/items" }
[services.cache]
kind = "redis"
roles = ["cache"]
url = { env = "SHOP_REDIS_URL" }
[services.broker]
kind = "redis"
roles = ["broker"]
url = { env = "SHOP_REDIS_URL" }
[services.sessions]
kind = "redis"
url = { env = "SHOP_REDIS_URL" }
[environments.local]
kind = "local"
"""
ADDRESSES = {"SHOP_URL": "http://127.0.0.1:1", "SHOP_REDIS_URL": "redis://127.0.0.1:1"}


@pytest.fixture
def limits(tmp_path, pytestconfig):
    """The limits in force for the shop, with `stated` in its file and `edits` made to it."""
    (tmp_path / "systems" / "shop").mkdir(parents=True)
    (tmp_path / "systems" / "house.toml").symlink_to(pytestconfig.rootpath / "systems" / "house.toml")

    def load(stated="", *edits):
        text = SHOP + stated
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "systems" / "shop" / "system.toml").write_text(text)
        return load_target("shop@local", Library(tmp_path, ADDRESSES)).limits

    return load


def rung(limits, name, service=""):
    return limits.named(name, service).words()


def test_a_stated_pattern_holds_for_all_that_it_fits(limits):
    found = limits('[limits."*.latency"]\nunit = "ms"\nhigh = "> 7"\n[limits."health.*"]\nlow = "no"')
    assert {rung(found, f"{name}.latency") for name in ("items", "users")} == {"> 7 ms"}
    assert found.named("items.latency").source == "stated in systems/shop/system.toml"
    assert {found.named(f"health.{part}").worst.word for part in ("cache", "mail")} == {"low"}
    assert rung(found, "health.latency") == "> 1000 ms", "which is no endpoint's"


def test_what_is_said_of_a_name_goes_before_its_pattern_and_one_service_before_all(limits):
    found = limits(
        '[limits."items.latency"]\nunit = "ms"\nhigh = "> 1"\n'
        '[limits."items.latency(admin)"]\nunit = "ms"\nhigh = "> 2"\n'
        '[limits."*.latency"]\nunit = "ms"\nhigh = "> 3"\n'
        '[limits."*.ok(web)"]\nlow = "no"\n[limits."*.latency(web)"]\nunit = "ms"\nhigh = "> 4"'
    )
    assert rung(found, "items.latency", "web") == "> 1 ms"
    assert rung(found, "items.latency", "admin") == "> 2 ms"
    assert rung(found, "users.latency", "web") == "> 4 ms"
    assert [found.named("items.ok", one).worst.word for one in ("web", "admin")] == ["low", "critical"]


def test_each_redis_has_its_own_memory_limit(limits):
    stated = "".join(
        f'[limits."redis.memory({name})"]\nunit = "%"\nhigh = "> {most}"\n'
        for name, most in (("cache", 99), ("broker", 70))
    )
    found = limits(stated)
    assert [rung(found, "redis.memory", one) for one in ("cache", "broker", "sessions")] == [
        "> 99 %",
        "> 70 %",
        "> 80 %",
    ]


def test_a_limit_that_is_off_judges_nothing_and_says_why(limits):
    found = limits(
        '[limits."redis.memory"]\noff = "it is shared"\n[limits."redis.memory(cache)"]\nunit = "%"\nhigh = "> 9"'
    )
    verdict = found.named("redis.memory", "broker").judge(Observation(100.0, "%", service="broker"))
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "it is shared")
    assert verdict.source == "stated in systems/shop/system.toml"
    assert found.named("redis.memory", "cache").judge(Observation(10.0, "%")).outcome is Outcome.BREACHED
    assert found.off("redis.memory(broker)") == "it is shared"
    assert found.off("redis.memory") == "", "it is judged on the cache"


def test_a_pattern_can_be_off(limits):
    found = limits('[limits."*.latency(web)"]\noff = "behind a slow proxy"')
    assert found.off("users.latency") == found.off("items.latency(web)") == "behind a slow proxy"
    assert found.off("items.latency") == found.off("items.latency(admin)") == ""


def test_roles_say_which_redis_is_asked_how_useful_it_is(limits):
    found = limits()
    assert found.judged_on["cache.hit_rate"] == ("cache", "sessions"), "what states no role may be a cache"
    verdict = found.named("cache.hit_rate", "broker").judge(missing("no lookups"))
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "broker has the role broker, not cache")
    assert [found.title("cache.hit_rate", one) for one in ("cache", "broker")] == [
        "cache.hit_rate(cache)",
        "cache.hit_rate(broker)",
    ]


def test_a_broker_alone_is_not_asked_and_that_is_the_reason(limits):
    found = limits(
        "",
        ('roles = ["cache"]', 'roles = ["broker"]'),
        ('[services.sessions]\nkind = "redis"\nurl = { env = "SHOP_REDIS_URL" }', ""),
    )
    assert found.judged_on["cache.hit_rate"] == ()
    assert found.off("cache.hit_rate") == "broker has the role broker, not cache"


def test_a_service_that_has_both_roles_is_asked(limits):
    found = limits("", ('roles = ["broker"]', 'roles = ["cache", "broker"]'))
    assert "broker" in found.judged_on["cache.hit_rate"]


IDLE = Observation(None, reason="no lookups in 3 s", idle=True)


def test_what_is_idle_is_unknown_with_the_way_to_skip_it(limits):
    verdict = limits().named("cache.hit_rate", "cache").judge(IDLE)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.reason == (
        'no lookups in 3 s: where that is usual, say when_idle = "skip" in [limits."cache.hit_rate"]'
    )


NOBODY_ASKS = Observation(0.0, "requests/s", reason="no traffic in 3 s", idle=True)


def test_no_traffic_is_red_with_the_way_to_skip_it(limits):
    verdict = limits().named("api.traffic").judge(NOBODY_ASKS)
    assert verdict.outcome is Outcome.BREACHED
    assert verdict.reason == 'no traffic in 3 s: where that is usual, say when_idle = "skip" in [limits."api.traffic"]'


def test_no_traffic_can_be_skipped(limits):
    limit = limits('[limits."api.traffic"]\nwhen_idle = "skip"').named("api.traffic")
    assert limit.judge(NOBODY_ASKS).outcome is Outcome.SKIPPED
    assert limit.judge(missing("refused")).outcome is Outcome.UNKNOWN
    assert limit.judge(Observation(1.0, "requests/s")).outcome is Outcome.OK


@pytest.mark.parametrize("ladder", ["", 'unit = "%"\nhigh = "< 5"'])
def test_what_is_idle_can_be_skipped_and_what_is_not_is_judged(limits, ladder):
    limit = limits(f'[limits."cache.hit_rate"]\nwhen_idle = "skip"\n{ladder}').named("cache.hit_rate", "cache")
    verdict = limit.judge(IDLE)
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "no lookups in 3 s")
    assert limit.judge(missing("refused")).outcome is Outcome.UNKNOWN
    assert limit.judge(Observation(1.0, "%")).outcome is Outcome.BREACHED
    assert limit.source == ("stated in systems/shop/system.toml" if ladder else "house default")


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (
            '[limits."api.p95"]\nunit = "s"\nhigh = "> 1"',
            'limits.api.p95.unit: api.p95 is measured in ms, not in s: write unit = "ms"',
        ),
        (
            '[limits."api.p95"]\nhigh = "> 1"',
            'limits.api.p95.unit: api.p95 is measured in ms, and the limit says no unit: write unit = "ms"',
        ),
        (
            '[limits."*.latency"]\nunit = "s"\nhigh = "> 1"',
            "limits.*.latency.unit: *.latency is measured in ms, not in s",
        ),
        (
            '[limits."redis.up"]\nhigh = "> 1"',
            'limits.redis.up: redis.up is answered yes or no: write, for instance, high = "no"',
        ),
        (
            '[limits."redis.memory"]\nhigh = "no"',
            'limits.redis.memory: redis.memory is a number: write, for instance, critical = ">= 100"',
        ),
        (
            '[limits."*.lateness"]\nhigh = "no"',
            "limits.*.lateness: nothing is judged by that name: did you mean *.latency",
        ),
        ('[limits."*.ok(cache)"]\nhigh = "no"', "limits.*.ok(cache): *.ok is judged on web, admin; not on 'cache'"),
        (
            '[limits."cache.hit_rate(broker)"]\nunit = "%"\nlow = "< 5"',
            "cache.hit_rate is judged on cache, sessions; not on 'broker': broker has the role broker, not cache",
        ),
        ('[limits."shop.age"]\nown = true\nwhen_idle = "skip"', "limits.shop.age: has no rung"),
    ],
)
def test_a_limit_that_the_house_knows_otherwise_is_a_mistake(limits, stated, message):
    with pytest.raises(Mistakes) as mistakes:
        limits(stated)
    [line] = mistakes.value.lines
    assert message in line


def test_a_pattern_that_stands_for_nothing_is_a_mistake(limits):
    without = ('health = { path = "/health", parts = { cache = "$.cache", mail = "$.mail" } }\n', "")
    with pytest.raises(Mistakes, match="no service of this file declares anything"):
        limits('[limits."health.*"]\nlow = "no"', without)


def test_a_limit_without_from_is_fine_where_sections_are_listed(limits):
    found = limits(
        '[limits."redis.up"]\nlow = "no"',
        ("[services.web]", '[runbook]\ntitle = "x"\nsections = ["Down"]\n[services.web]'),
    )
    assert found.named("redis.up").source == "stated in systems/shop/system.toml"
