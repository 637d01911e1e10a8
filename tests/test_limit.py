"""A limit judges what was measured, and nothing else is ever green."""

import math

import pytest

from drillbook.limit import Limit, Rung, amount, duration, ladder
from drillbook.observation import Observation, missing, not_applicable
from drillbook.severity import Severity
from drillbook.verdict import Outcome

LOW, MEDIUM, HIGH, CRITICAL = Severity


def limit(unit="", **conditions):
    return Limit("x", ladder({Severity.named(word): condition for word, condition in conditions.items()}), unit)


@pytest.mark.parametrize(
    ("conditions", "value", "outcome", "severity"),
    [
        ({"high": "> 90"}, 90, Outcome.OK, None),
        ({"high": "> 90"}, 90.0001, Outcome.BREACHED, HIGH),
        ({"high": ">= 90"}, 90, Outcome.BREACHED, HIGH),
        ({"high": "< 5"}, 5, Outcome.OK, None),
        ({"high": "< 5"}, 4.9, Outcome.BREACHED, HIGH),
        ({"high": "<= 0"}, 0, Outcome.BREACHED, HIGH),
        ({"low": "> 1", "medium": "> 2", "critical": "> 4"}, 1.5, Outcome.BREACHED, LOW),
        ({"low": "> 1", "medium": "> 2", "critical": "> 4"}, 3, Outcome.BREACHED, MEDIUM),
        ({"low": "> 1", "medium": "> 2", "critical": "> 4"}, 9, Outcome.BREACHED, CRITICAL),
        ({"critical": "no"}, True, Outcome.OK, None),
        ({"critical": "no"}, False, Outcome.BREACHED, CRITICAL),
        ({"high": "> -3"}, -4, Outcome.OK, None),
    ],
)
def test_the_worst_rung_that_trips_gives_the_severity(conditions, value, outcome, severity):
    verdict = limit(**conditions).judge(Observation(value))
    assert (verdict.outcome, verdict.severity) == (outcome, severity)


@pytest.mark.parametrize(
    ("observation", "reason"),
    [
        (missing("redis.up is red"), "redis.up is red"),
        (Observation(None), "nothing was measured"),
        (Observation(math.nan, "ms"), "no number"),
        (Observation(math.inf, "ms"), "no number"),
        (Observation(-math.inf, "ms"), "no number"),
        (Observation(True, "ms"), "judges a number"),
        (Observation("12", "ms"), "no number"),
        (Observation(12, "s"), "measured in s, but the limit is in ms"),
    ],
)
def test_what_is_no_measurement_is_unknown_at_the_worst_severity(observation, reason):
    verdict = limit("ms", medium="> 500", critical="> 5000").judge(observation)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.severity is CRITICAL
    assert reason in verdict.reason


def test_a_value_that_may_be_larger_is_a_breach_or_unknown_but_never_ok():
    observation = Observation(1000.1, "ms", "beyond the last bucket", at_least=True)
    assert limit("ms", medium="> 500", high="> 2000").judge(observation).severity is MEDIUM
    verdict = limit("ms", high="> 2000").judge(observation)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "at least 1000 ms, beyond the last bucket")


def test_a_number_is_no_answer_to_a_yes_or_no_question():
    assert limit(high="no").judge(Observation(1)).outcome is Outcome.UNKNOWN


def test_what_does_not_apply_is_skipped_with_its_reason():
    verdict = limit(high="> 90").judge(not_applicable("no maxmemory is set"))
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "no maxmemory is set")


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({}, "has no rung"),
        ({LOW: "> 5", HIGH: "> 5"}, "does not get worse"),
        ({LOW: "> 5", HIGH: "> 4"}, "does not get worse"),
        ({LOW: "< 5", HIGH: "< 6"}, "does not get worse"),
        ({LOW: "> 5", HIGH: "< 6"}, "does not get worse"),
        ({LOW: "no", HIGH: "no"}, "does not get worse"),
        ({HIGH: "= 5"}, "is no condition"),
        ({HIGH: "> nan"}, "is no condition"),
        ({HIGH: "5"}, "is no condition"),
        ({HIGH: "> 5 %"}, "is no condition"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(conditions, message):
    with pytest.raises(ValueError, match=message):
        ladder(conditions)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("250ms", 0.25), ("1.5m", 90), ("2 d", 172800)]
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "-5m", "5m5"])
def test_anything_else_is_no_duration(text):
    with pytest.raises(ValueError, match="is no duration"):
        duration(text)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1200, "jobs", "1200 jobs"),
        (97.25, "%", "97.25 %"),
        (0.12345, "s", "0.1235 s"),
        (True, "", "yes"),
        (3.0, "", "3"),
    ],
)
def test_an_amount_reads_aloud(value, unit, words):
    assert amount(value, unit) == words


def test_a_rung_says_its_condition_with_the_unit():
    assert Rung.parse(HIGH, "> 1000").words("jobs") == "> 1000 jobs"
