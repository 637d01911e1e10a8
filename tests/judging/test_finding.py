"""What is not OK is told by its causes: what comes of them, or says the very same, is folded under them."""

from __future__ import annotations

import pytest

from drillbook.judging.finding import and_so, findings
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict, worst_first

HIGH, MEDIUM, CRITICAL = Severity.HIGH, Severity.MEDIUM, Severity.CRITICAL


def red(name, severity=HIGH, **more):
    return Verdict(name, Outcome.BREACHED, severity, CRITICAL, **{"value": False, **more})


def unknown(name, severity=HIGH, **more):
    return Verdict(name, Outcome.UNKNOWN, severity, CRITICAL, **more)


def told(*verdicts):
    """The causes by title, each with its effects."""
    found = findings(worst_first(list(verdicts)), lambda verdict: verdict, {"redis.up", "api.up", "a.up"})
    return {one.cause.title: [effect.title for effect in one.effects] for one in found}


def test_effects_are_under_their_cause_and_what_is_ok_is_not_told():
    effects = [unknown(name, because="redis.up(broker)", reason=name) for name in ("redis.ping", "a.first")]
    fine = [Verdict("redis.memory", outcome, None, HIGH) for outcome in (Outcome.OK, Outcome.SKIPPED)]
    assert told(*effects, *fine, red("redis.up", of="broker")) == {"redis.up(broker)": ["a.first", "redis.ping"]}


def test_of_equals_the_cause_comes_first_then_what_is_not_up():
    found = told(red("api.ready"), red("cache.x"), red("redis.up"), unknown("a.b", because="cache.x"))
    assert list(found) == ["cache.x", "redis.up", "api.ready"]


def test_what_is_worse_comes_first_whatever_it_causes():
    assert list(told(red("redis.up"), unknown("a", because="redis.up"), red("disk", CRITICAL))) == ["disk", "redis.up"]


def test_a_cause_of_a_cause_has_all_of_it():
    found = told(red("a.up"), unknown("b", because="a.up"), unknown("c", because="b"))
    assert found == {"a.up": ["b", "c"]}


@pytest.mark.parametrize(
    "verdicts",
    [
        (unknown("a", because="redis.up"),),
        (unknown("a", because="b"), red("b", MEDIUM)),
        (unknown("a", because="a"),),
        (red("a", because=""), red("b", because="")),
        (red("a", reason="refused", service="one"), red("b", reason="refused", service="two")),
        (red("a", reason="of 9", value=1.0), red("b", reason="of 9", value=2.0)),
    ],
    ids=["not judged", "milder", "itself", "none", "another service", "a value of its own"],
)
def test_what_has_no_cause_among_the_verdicts_speaks_for_itself(verdicts):
    assert told(*verdicts) == {verdict.title: [] for verdict in verdicts}


def test_two_that_name_each_other_are_both_told():
    assert told(unknown("a", because="b"), unknown("b", because="a")) == {"a": ["b"]}


def test_the_very_same_is_said_once():
    found = told(red("api.ready", reason="503"), red("api.healthy", CRITICAL, reason="503"), unknown("x", reason="503"))
    assert found == {"api.healthy": ["api.ready"], "x": []}
    assert told(unknown("x", reason="no route"), unknown("y", CRITICAL, reason="no route")) == {"y": ["x"]}


UP = red("redis.up", service="redis")
PART = red("health.redis", service="web", reason="$.redis is false")
WHOLE = (red("api.healthy", service="web", reason="down"), red("api.ready", CRITICAL, service="web", reason="503"))


def test_what_another_service_says_of_one_that_is_down_comes_of_that():
    assert told(UP, PART, *WHOLE) == {"redis.up": ["api.ready", "api.healthy", "health.redis"]}


def test_a_cause_comes_as_early_as_the_worst_that_is_said_because_of_it():
    [first, second] = findings(worst_first([UP, *WHOLE, PART, red("disk")]), lambda verdict: verdict, {"redis.up"})
    assert (first.cause.title, first.worst.title, second.cause.title) == ("redis.up", "api.ready", "disk")
    assert list(told(UP, PART, red("disk", CRITICAL), *WHOLE)) == ["redis.up", "disk"]
    assert list(told(UP, PART, red("disk", CRITICAL))) == ["disk", "redis.up"]


def test_what_comes_of_an_effect_is_under_the_cause_too():
    found = told(UP, PART, *WHOLE, unknown("a", CRITICAL, because="api.ready"))
    assert found == {"redis.up": ["api.ready", "api.healthy", "health.redis", "a"]}


def test_each_service_speaks_for_itself():
    found = told(UP, red("health.redis", of="web", service="web"), red("api.ready", of="shop", service="shop"))
    assert found == {"redis.up": ["health.redis(web)"], "api.ready(shop)": []}


@pytest.mark.parametrize(
    ("verdicts", "alone"),
    [
        ((PART, *WHOLE), {"api.ready", "api.healthy", "health.redis"}),
        ((UP, *WHOLE), {"api.ready", "api.healthy"}),
        ((UP, PART, *WHOLE, red("health.mail", service="web")), {"api.ready", "api.healthy", "health.mail"}),
        ((UP, PART, *WHOLE, unknown("health.mail", service="web")), {"api.ready", "api.healthy", "health.mail"}),
        ((UP, PART, red("api.errors", service="web", value=9.0)), {"api.errors"}),
        ((UP, red("health.cache", service="web")), {"health.cache"}),
        ((UP, unknown("health.redis", service="web")), {"health.redis"}),
        ((unknown("redis.up", service="redis"), PART), {"redis.up", "health.redis"}),
        ((red("redis.ping", service="redis", value=900.0), PART), {"redis.ping", "health.redis"}),
        ((red("api.up", service="web"), red("health.web", service="web")), {"api.up", "health.web"}),
        ((red("up.up", service="redis"), PART), {"up.up", "health.redis"}),
        ((red("api.up", service="latency"), red("health.latency", service="web", value=900.0)), {"health.latency"}),
    ],
    ids=[
        "it is up",
        "no part is red",
        "another part is red too",
        "another part cannot be told",
        "no word of health",
        "another name",
        "not told itself",
        "that it is down is not known",
        "slow is not down",
        "itself",
        "a number of one's own that is called so",
        "no part",
    ],
)
def test_what_may_have_another_cause_speaks_for_itself(verdicts, alone):
    causes = {title for title, effects in told(*verdicts).items()}
    assert alone <= causes


def test_effects_are_counted_and_the_first_of_them_named():
    effects = [red("a", CRITICAL), *(unknown(name) for name in "bcdefgh")]
    assert and_so(red("x", CRITICAL), effects) == "and so 8 more: a (CRITICAL), b, c, d, e, f, …"
    assert and_so(red("x", CRITICAL), effects[:1]) == "and so 1 more: a (CRITICAL)"


def test_an_effect_that_is_worse_than_its_cause_says_why():
    why = "/ready answered 503: migrations pending"
    effects = [red("api.ready", CRITICAL, reason=why), red("a", MEDIUM, reason="b")]
    told = f"and so 2 more: api.ready (CRITICAL: {why}), a (MEDIUM)"
    assert and_so(red("redis.up", MEDIUM), effects) == told
