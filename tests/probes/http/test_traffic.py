"""Ratios, rates and quantiles are over the interval between two readings, or there is a reason why not."""

from __future__ import annotations

import pytest

from drillbook.judging.limit import Limit, Rung
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome
from drillbook.probes.http.noun import Http

METRICS = {
    "requests": "http_requests_total",
    "latency": "took_seconds",
    "ignore": {"path": ["/health"]},
    "pool": {"in_use": "pool_in_use", "size": "pool_max"},
}
JSON = {"format": "json", "unit": "ms", "requests": "$.requests", "errors": "$.errors", "p95": "$.p95",
        "pool": {"in_use": "$.pool.used", "size": "$.pool.size"}}  # fmt: skip


def text(good: float, bad: float, health: float = 0, *, fast: float | None = None, pool: str = "2") -> str:
    fast = good if fast is None else fast
    return (
        f'http_requests_total{{path="/deals",status="200"}} {good}\n'
        f'http_requests_total{{path="/deals",status="503"}} {bad}\n'
        f'http_requests_total{{path="/health",status="200"}} {health}\n'
        f'took_seconds_bucket{{path="/deals",le="0.1"}} {fast}\n'
        f'took_seconds_bucket{{path="/deals",le="0.5"}} {good}\n'
        f'took_seconds_bucket{{path="/deals",le="+Inf"}} {good + bad}\n'
        f'took_seconds_count{{path="/deals"}} {good + bad}\n'
        f"pool_in_use {pool}\npool_max 8\n"
    )


@pytest.fixture
def http(metered):
    """Makes the noun from two metrics pages."""
    return lambda before, after, declared=METRICS, **how: metered(before, after, declared=declared, **how)


def test_the_error_ratio_is_of_users_requests_in_the_interval(http):
    assert http(text(100, 50), text(190, 60, health=500)).error_ratio().value == pytest.approx(10.0)


def test_traffic_is_users_requests_a_second(http):
    answer = http(text(100, 0), text(115, 0, health=500)).traffic()
    assert (answer.value, answer.unit) == (5.0, "requests/s")


def test_no_traffic_is_a_measurement_of_traffic_and_of_nothing_else(http):
    api = http(text(100, 5), text(100, 5, health=9))
    none = api.traffic()
    assert (none.value, none.idle) == (0.0, True)
    hint = 'where nobody visits, write traffic = "ours" in [environments.NAME]'
    assert none.reason == f"no traffic in 3.0 s: {hint}"
    for one in (api.error_ratio(), api.p95()):
        assert (one.value, one.reason, one.applies, one.idle) == (None, none.reason, True, True)


@pytest.mark.parametrize("word", ["HTTPStatus.INTERNAL_SERVER_ERROR", "5", "6xx", "xxx", "50", "", "500 "])
def test_a_status_label_that_holds_no_status_code_is_no_measurement(http, word):
    api = http(*(text(*counts).replace("503", word) for counts in ((100, 0), (150, 50))))
    answer = api.error_ratio()
    assert answer.value is None
    assert f"http_requests_total has status={word!r}, which is no status code" in answer.reason
    assert api.traffic().value == pytest.approx(100 / 3)


@pytest.mark.parametrize("word", ["5xx", "5XX"])
def test_a_class_of_status_codes_says_which_requests_failed(http, word):
    before, after = (
        text(*counts).replace("503", word).replace('status="200"', 'status="2xx"') for counts in ((100, 0), (190, 10))
    )
    assert http(before, after).error_ratio().value == pytest.approx(10.0)


def test_a_label_to_ignore_that_is_called_something_else_is_no_measurement(http):
    pages = text(1, 0, health=0), text(1, 0, health=50)
    told = http(*pages, declared=METRICS | {"ignore": {"handler": ["/health"]}}).traffic()
    timed = http(*pages, declared={"latency": "took_seconds", "ignore": {"handler": ["/health"]}}).p95()
    for one, name in ((told, "http_requests_total"), (timed, "took_seconds_bucket")):
        assert one.value is None
        assert f"the label 'handler', which no series of {name} has" in one.reason


def test_p95_is_in_milliseconds(http):
    answer = http(text(0, 0), text(100, 0, fast=90)).p95()
    assert (answer.value, answer.unit) == (pytest.approx(300.0), "ms")


def test_p95_beyond_the_last_bucket_trips_a_limit_at_its_bound(http):
    answer = http(text(0, 0), text(10, 90)).p95()
    limit = Limit("api.p95", (Rung(Severity.MEDIUM, ">", 500.0),), "ms")
    assert limit.judge(answer).outcome is Outcome.BREACHED
    assert answer.reason == "beyond the histogram's last bucket, 0.5 s"
    assert answer.at_least


def test_the_pool_is_in_percent_of_its_size(http):
    assert http(text(1, 0), text(1, 0)).pool_used().value == 25.0


@pytest.mark.parametrize("pool", ["NaN", "+Inf", "-1"])
def test_an_odd_pool_is_no_measurement(http, pool):
    assert http(text(1, 0), text(1, 0, pool=pool)).pool_used().value is None


def test_a_renamed_metric_is_answered_with_the_names_there_are(http):
    answer = http(text(1, 0), text(2, 0), declared={"requests": "http_request_total"}).error_ratio()
    assert answer.value is None
    assert answer.reason.startswith("no metric http_request_total; there are: http_requests_total, ")


def test_a_status_label_of_another_name_is_answered_with_the_labels_there_are(http):
    answer = http(text(1, 0), text(2, 0), declared=METRICS | {"status": "code"}).error_ratio()
    assert answer.reason == "http_requests_total has no label 'code': write metrics.status = \"status\""


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (text(100, 0), text(5, 0), "reset"),
        (text(100, 0), "<html>", "cannot be parsed"),
        ("", text(5, 0), "there are no metrics"),
    ],
)
def test_counters_that_cannot_be_compared_are_no_measurement(http, before, after, reason):
    api = http(before, after)
    for one in (api.error_ratio(), api.p95(), api.traffic()):
        assert one.value is None
        assert reason in one.reason


def test_a_metrics_page_that_went_away_is_no_measurement(http, a_page):
    gone = http(text(1, 0), a_page(error={"kind": "down", "reason": "connection refused"}))
    assert gone.traffic().reason == "/metrics: connection refused"
    assert "/metrics answered 404" in http(a_page(status=404), text(1, 0)).traffic().reason


def test_metrics_that_nobody_read_are_no_measurement(a_service, a_page, some_readings):
    service = a_service("http", "http://api:8000", health={"path": "/health"}, metrics=METRICS)
    lost = {"pages": {"health": a_page("ok")}, "lost": {"kind": "unknown", "reason": "the probe crashed: KeyError"}}
    assert Http(service, some_readings(lost)).traffic().reason == "/metrics: the probe crashed: KeyError"
    once = {"pages": {"health": a_page("ok")}, "metrics": a_page(text(1, 0))}
    assert "not read" in Http(service, some_readings(once, seconds=0.0)).traffic().reason


def test_counters_read_at_one_instant_have_no_rate(http):
    assert http(text(1, 0), text(2, 0), seconds=0.0).traffic().reason == "the counters were read only once"


def test_metrics_in_json_answer_the_same_questions(http):
    before = '{"requests": 100, "errors": 2, "p95": 80, "pool": {"used": 1, "size": 4}}'
    after = '{"requests": 130, "errors": 5, "p95": 90, "pool": {"used": 1, "size": 4}}'
    api = http(before, after, declared=JSON)
    assert [one.value for one in (api.error_ratio(), api.traffic(), api.p95(), api.pool_used())] == [10, 10, 90, 25]


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ('{"requests": 1, "errors": 0}', "were reset"),
        ('{"requests": "many", "errors": 0}', "is 'many', which is no number"),
        ('{"requests": true, "errors": 0}', "is True, which is no number"),
        ('{"requests": 1e999, "errors": 0}', "is inf, which is no number"),
        ('{"errors": 0}', "has no $.requests"),
        ("nothing", "is not JSON"),
    ],
)
def test_odd_metrics_in_json_are_no_measurement(http, after, reason):
    answer = http('{"requests": 100, "errors": 2}', after, declared=JSON).error_ratio()
    assert answer.value is None
    assert reason in answer.reason


def test_an_undeclared_metric_is_not_applicable(http):
    api = http(text(1, 0), text(2, 0), declared={"requests": "http_requests_total"})
    assert not api.p95().applies
    assert not api.pool_used().applies
    assert api.p95().reason == "system.toml declares no metrics.latency for backend"
