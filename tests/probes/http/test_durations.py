"""Durations are in the unit that the file or the name says, and a histogram that cannot tell them says so."""

from __future__ import annotations

import pytest

from drillbook.judging.limit import Limit, Rung
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome
from drillbook.probes.http.figures.units import unit_in

LIMIT = Limit("api.p95", (Rung(Severity.MEDIUM, ">", 500.0), Rung(Severity.HIGH, ">", 2000.0)), "ms")


def histogram(name: str, counts: dict[str, float], total: float | None = None) -> str:
    lines = "".join(f'{name}_bucket{{le="{bound}"}} {count}\n' for bound, count in counts.items())
    count = list(counts.values())[-1]
    return f"{lines}{name}_count {count}\n" + (f"{name}_sum {total}\n" if total is not None else "")


def p95(metered, name, counts, *, total=None, **declared):
    nothing = histogram(name, dict.fromkeys(counts, 0), None if total is None else 0)
    return metered(nothing, histogram(name, counts, total), declared={"latency": name, **declared}).p95()


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("http_server_duration_milliseconds", "ms"), ("request_time_ms", "ms"), ("http_request_duration_seconds", "s"),
        ("$.endpoints['/comps'].p95_response_time_ms", "ms"), ("$.latencyMs", "ms"), ("$.p95Seconds", "s"),
        ("took_microseconds", "us"), ("http_server_duration", None), ("$.p95", None), ("items_total", None),
        ("systems_seen", None), ("http_server_duration_milliseconds_bucket", "ms"),
    ],
)  # fmt: skip
def test_a_name_may_say_its_unit(name, unit):
    assert unit_in(name) == unit


MILLISECONDS = {"5": 0, "10": 0, "25": 100, "50": 100, "+Inf": 100}


@pytest.mark.parametrize(
    ("name", "declared", "value"),
    [
        ("http_server_duration", {}, 24_250),
        ("http_server_duration", {"unit": "ms"}, 24.25),
        ("http_server_duration_milliseconds", {}, 24.25),
        ("duration_ms", {}, 24.25),
        ("duration_ms", {"unit": "us"}, 0.02425),
    ],
)
def test_a_histogram_counts_in_its_unit(metered, name, declared, value):
    answer = p95(metered, name, MILLISECONDS, **declared)
    assert (answer.value, answer.unit) == (pytest.approx(value), "ms")


WIDE = {"5": 100, "10": 100, "100": 100, "+Inf": 100}


@pytest.mark.parametrize("total", [0.6, 0, None])
def test_seconds_in_buckets_made_for_milliseconds_are_no_measurement(metered, total):
    answer = p95(metered, "http_request_duration_seconds", WIDE, total=total)
    assert answer.value is None
    assert answer.reason.startswith("all of it is in the first bucket, 0 to 5 s: how long requests take cannot be told")
    assert LIMIT.judge(answer).outcome is Outcome.UNKNOWN


def test_the_same_in_buckets_that_say_milliseconds_is_no_measurement(metered):
    assert p95(metered, "duration_ms", WIDE, total=0.6).value is None


@pytest.mark.parametrize(("total", "declared"), [(90, {}), (0.6, {"unit": "ms"})])
def test_a_first_bucket_that_was_made_for_it_says_at_most(metered, total, declared):
    answer = p95(metered, "duration_ms", WIDE, total=total, **declared)
    assert (answer.value, answer.at_most) == (5.0, True)
    verdict = LIMIT.judge(answer)
    assert (verdict.outcome, verdict.reason) == (Outcome.OK, "it is in the first bucket, 0 to 5 ms")


def test_a_quantile_in_a_first_bucket_that_ends_above_the_limit_cannot_be_told(metered):
    answer = p95(metered, "duration_seconds", {"1": 96, "5": 100, "+Inf": 100}, total=30)
    verdict = LIMIT.judge(answer)
    assert (verdict.outcome, verdict.severity) == (Outcome.UNKNOWN, Severity.MEDIUM)
    assert verdict.reason == "at most 1000 ms, it is in the first bucket, 0 to 1 s"


def summary(count: float, series: dict[str, str]) -> str:
    lines = "".join(f"took_ms{labels} {value}\n" for labels, value in series.items())
    return f"{lines}took_ms_sum 5\ntook_ms_count {count}\n"


def of_summary(metered, series, *, before=3, **declared):
    pages = summary(before, series), summary(9, series)
    return metered(*pages, declared={"latency": "took_ms", **declared}).p95()


def test_a_summary_says_its_quantile_itself(metered):
    answer = of_summary(metered, {'{quantile="0.5"}': 3, '{quantile="0.95"}': 24})
    assert (answer.value, answer.unit) == (24, "ms")


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ({'{quantile="0.95"}': "NaN"}, "the quantile 0.95 of took_ms is NaN: nothing was observed in its window"),
        (
            {'{quantile="0.5"}': 3, '{quantile="0.99"}': 9},
            "the summary took_ms has no quantile 0.95 (it has: 0.5, 0.99)",
        ),
        ({'{quantile="0.95"}': "+Inf"}, "took_ms is inf, which is no number"),
        (
            {'{path="/a",quantile="0.95"}': 3, '{path="/b",quantile="0.95"}': 9},
            "took_ms has 2 series, and quantiles cannot be averaged: leave the others out with metrics.ignore, or take "
            'the worst of them with metrics.across = "worst"',
        ),
    ],
)
def test_an_odd_summary_is_no_measurement(metered, series, reason):
    answer = of_summary(metered, series)
    assert (answer.value, answer.reason) == (None, reason)


def test_of_several_series_the_worst_is_taken_where_the_file_says_so(metered):
    series = {'{path="/a",quantile="0.95"}': 3, '{path="/b",quantile="0.95"}': 9, '{path="/c",quantile="0.95"}': "NaN"}
    assert of_summary(metered, series, across="worst").value == 9


def test_a_summary_that_observed_nothing_in_the_interval_is_idle(metered):
    answer = of_summary(metered, {'{quantile="0.95"}': 24}, before=9)
    assert (answer.value, answer.idle) == (None, True)


def test_a_histogram_without_buckets_is_told_by_its_names(metered):
    page = "took_seconds_sum 4\ntook_seconds_count 9\n"
    answer = metered(page, page, declared={"latency": "took_seconds"}).p95()
    assert "no metric took_seconds_bucket; there are: " in answer.reason
