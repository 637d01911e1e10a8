"""A limit judges what was measured, and nothing else is ever green."""

import math

import pytest

from drillbook.judging.limit import Limit, Rung, amount, duration, ladder
from drillbook.judging.observation import Observation, missing, not_applicable
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome

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
    assert verdict.limit == "> 5000 ms", "the rung that it may hide, not the mildest"


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


@pytest.mark.parametrize(
    ("value", "late", "outcome", "severity"),
    [
        (400, 399, Outcome.OK, None),
        (1210, 0, Outcome.BREACHED, MEDIUM),
        (1210, 200, Outcome.BREACHED, MEDIUM),
        (1210, 210, Outcome.UNKNOWN, MEDIUM),
        (3100, 50, Outcome.BREACHED, HIGH),
        (3100, 200, Outcome.BREACHED, MEDIUM),
        (3100, 2900, Outcome.UNKNOWN, HIGH),
    ],
)
def test_what_our_own_lateness_explains_is_no_breach(value, late, outcome, severity):
    verdict = limit("ms", medium="> 1000", high="> 3000", critical="> 9000").judge(Observation(value, "ms", late=late))
    assert (verdict.outcome, verdict.severity, verdict.late) == (outcome, severity, late)
    assert verdict.too_busy is (outcome is Outcome.UNKNOWN)


def test_a_busy_machine_is_said_with_its_numbers():
    busy = limit("ms", medium="> 1000").judge(Observation(1210, "ms", late=900))
    assert busy.reason == "this machine was too busy to tell: 1210 ms, of which up to 900 ms may be our own lateness"
    beside = limit("ms", medium="> 1000").judge(Observation(1210, "ms", beside=3))
    assert beside.reason == "it cannot be told: 1210 ms, asked beside 3 other requests of ours"


@pytest.mark.parametrize(
    ("observation", "doubt"),
    [
        (Observation(1210, "ms", late=900), True),
        (Observation(3100, "ms", late=200), True),
        (Observation(1210, "ms", beside=3), True),
        (Observation(5000, "ms", beside=3), True),
        (Observation(13000, "ms", beside=3), False),
        (Observation(1210, "ms", late=100), False),
        (Observation(900, "ms", late=900, beside=9), False),
        (Observation(None, late=900), False),
    ],
)
def test_what_cannot_be_told_is_in_doubt(observation, doubt):
    assert limit("ms", medium="> 1000", high="> 3000").in_doubt(observation) is doubt


def test_a_silence_beside_other_requests_of_ours_is_in_doubt():
    served = limit(critical="no")
    silent = Observation(False, reason="/deals: no answer within 3 s", beside=7)
    assert served.in_doubt(silent)
    assert served.judge(silent).outcome is Outcome.UNKNOWN
    assert served.judge(silent).severity is CRITICAL
    assert served.judge(Observation(False, reason="connection refused")).outcome is Outcome.BREACHED
    assert not served.in_doubt(Observation(True, beside=7))


def test_lateness_makes_nothing_worse():
    assert limit("ms", medium="< 5").judge(Observation(10, "ms", late=9)).outcome is Outcome.OK
