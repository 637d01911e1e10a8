"""What a profile's samples come to: percentiles over what was served, and reasons to believe none of it."""

from __future__ import annotations

import pytest

from drillbook import LoadProfile, Ramp
from drillbook.drills.ledger.samples import Sample
from drillbook.load.measures import observe
from drillbook.load.result import Result

PROFILE = LoadProfile(runbook="API Latency", arrivals=(Ramp(to=20, seconds=10),), held_to=("api.p95",))
HEALTHY = {
    "asked": 100, "sent": 100, "on_time": 100, "seconds": 10.4, "late_p95": 0.001, "cpu": 0.1, "visitors": 3,
}  # fmt: skip


def result(*tooks: float, failed: int = 0, reason: str = "500 Internal Server Error", **ended: float) -> Result:
    """A result with a sample for each of `tooks` (in seconds), and so many that were not served, at once."""
    made = Result(PROFILE, began=1_800_000_000.0, ended={**HEALTHY, **ended})
    good = [["/deals", 0.1 * number, took, ""] for number, took in enumerate(tooks)]
    bad = [["/deals", 0.1 * number, 0.001, reason] for number in range(failed)]
    made.take({"samples": [*good, *bad]})
    return made


def seen(name: str, found: Result):
    """What the result says about the limit of that name."""
    return observe(name, found, by="backend 127.0.0.1:1", of="demo")


def test_a_percentile_is_exact_to_three_digits():
    found = seen("api.p95", result(*[number / 1000 for number in range(1, 101)]))
    assert (found.value, found.unit) == (pytest.approx(95, rel=0.002), "ms")
    assert found.reason == "100 of 100 requests served"


def test_what_failed_is_not_in_a_percentile_but_counts_as_an_error():
    found = result(*[0.1] * 95, failed=5)
    assert seen("api.p95", found).value == pytest.approx(100, rel=0.002), "failing takes a millisecond"
    assert seen("api.errors", found).value == 5.0
    assert "mostly: 500 Internal Server Error" in seen("api.errors", found).reason


def test_a_dead_server_is_not_a_fast_one():
    found = result(failed=100, reason="connection refused")
    assert seen("api.p95", found).value is None
    assert "0 of 100 requests served, too few to believe a percentile; mostly: connection refused" in (
        seen("api.p95", found).reason
    )
    assert seen("api.errors", found).value == 100.0
    assert seen("api.traffic", found).value == 0.0


def test_with_few_served_the_percentile_is_not_believed():
    assert seen("api.p95", result(*[0.1] * 80, failed=20)).value is None
    assert seen("api.p95", result(*[0.1] * 91, failed=9)).value is not None


def test_a_percentile_needs_more_than_the_requests_beyond_it():
    assert seen("api.p95", result(*[0.1] * 19)).value is None
    assert seen("api.p95", result(*[0.1] * 21)).value is not None
    assert seen("api.p99", result(*[0.1] * 99)).value is None


def test_no_request_is_no_measurement():
    for name in ("api.p95", "api.errors", "api.traffic"):
        assert seen(name, result()).value is None
        assert seen(name, result()).reason == "no request was made"


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ({"on_time": 94}, "only 94% of 100 arrivals left on time: the load generator could not keep up"),
        ({"sent": 94}, "only 94% of 100 arrivals could be sent: all visitors were waiting for answers"),
        ({"cpu": 0.97}, "the load generator was at the end of its own CPU (97% of a core)"),
    ],
)
def test_what_the_generator_could_not_do_is_not_blamed_on_the_system(ended, words):
    found = result(*[9.9] * 100, **ended)
    for name in ("api.p95", "api.errors", "api.traffic"):
        assert seen(name, found).value is None
        assert words in seen(name, found).reason


def test_a_generator_that_was_just_quick_enough_is_believed():
    assert seen("api.p95", result(*[0.1] * 100, on_time=95, sent=95, cpu=0.9)).value is not None


def test_each_second_says_what_was_asked_and_what_came():
    first, *_, last = result(*[0.1] * 100).seconds()
    assert (first["requests"], first["errors"], first["asked"]) == (10, 0, 1.0)
    assert (last["requests"], last["asked"]) == (10, 19.0)


def test_the_journal_is_told_by_name_and_by_reason():
    facts = result(*[0.1] * 60, failed=40).facts()
    assert (facts["requests"], facts["served"], facts["errors"], facts["on_time"]) == (100, 60, 40, 1.0)
    assert facts["names"][0]["name"] == "/deals"
    assert facts["reasons"] == [{"name": "/deals", "reason": "500 Internal Server Error", "count": 40}]
    assert facts["p95"] == pytest.approx(100, rel=0.002)


def test_of_nothing_served_there_is_no_percentile():
    assert result(failed=3).facts()["p95"] is None


def test_a_sample_is_timed_from_when_it_was_due():
    made = result()
    made.take({"samples": [["/deals", 2.5, 5.0, ""]]})
    assert made.samples == [Sample(1_800_000_002.5, "/deals", "read", None, "", 5.0, ok=True)]
