"""Prometheus text is read with suspicion: what cannot be trusted has a reason and no value."""

from __future__ import annotations

import math

import pytest

from drillbook.probes import metrics
from drillbook.probes.http.figures import histogram as histograms
from drillbook.probes.question import Unmeasured

INF = math.inf


def requests(**by_status: float) -> metrics.Samples:
    lines = "".join(f'http_requests_total{{status="{key[1:]}",path="/"}} {value}\n' for key, value in by_status.items())
    return metrics.parse("# TYPE http_requests_total counter\n" + lines)


def grown(before: metrics.Samples, after: metrics.Samples, **how) -> dict[str, float]:
    found = metrics.increase(before, after, "http_requests_total", **how)
    return {metrics.label_of(labels, "status", "x"): value for labels, value in found.items()}


def histogram(*buckets: tuple[str, float], count: float | None = None) -> metrics.Samples:
    lines = "".join(f'took_bucket{{le="{bound}"}} {value}\n' for bound, value in buckets)
    count = buckets[-1][1] if count is None else count
    return metrics.parse(f"# TYPE took histogram\n{lines}took_count {count}\ntook_sum 1\n")


def test_a_counter_grows_by_series():
    assert grown(requests(s200=10, s500=1), requests(s200=110, s500=6)) == {"200": 100, "500": 5}


def test_a_new_series_began_at_zero():
    assert grown(requests(s200=10), requests(s200=10, s500=4)) == {"200": 0, "500": 4}


def test_ignored_label_values_are_left_out():
    assert grown(requests(s200=1, s500=0), requests(s200=9, s500=9), ignore={"status": ["500"]}) == {"200": 8}


def test_all_series_ignored_is_no_measurement():
    with pytest.raises(Unmeasured, match="every series of http_requests_total is ignored"):
        grown(requests(s200=1), requests(s200=9), ignore={"path": ["/"]})


def test_a_label_to_ignore_that_no_series_has_is_no_measurement():
    with pytest.raises(Unmeasured, match=r"the label 'handler', which no series of http_requests_total has"):
        grown(requests(s200=1), requests(s200=9), ignore={"path": ["/health"], "handler": ["/health"]})


def test_a_label_to_ignore_that_some_series_have_is_enough():
    text = 'a_total{path="/health"} 1\na_total{other="x"} 1\n'
    found = metrics.increase(metrics.parse(text), metrics.parse(text), "a_total", ignore={"path": ["/health"]})
    assert len(found) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (requests(s200=10), requests(s200=9)),
        (requests(s200=10, s500=1), requests(s200=11)),
    ],
    ids=["went down", "went away"],
)
def test_a_reset_counter_is_no_measurement(before, after):
    with pytest.raises(Unmeasured, match="reset"):
        grown(before, after)


@pytest.mark.parametrize("value", [math.nan, INF, -1.0])
def test_an_odd_value_is_no_measurement(value):
    with pytest.raises(Unmeasured, match=r"no number|negative"):
        grown(requests(s200=1), requests(s200=1, s500=value))
    with pytest.raises(Unmeasured, match=r"no number|negative|reset"):
        grown(requests(s200=value), requests(s200=5))
    with pytest.raises(Unmeasured, match=r"no number|negative"):
        metrics.gauge(metrics.parse(f"pool {value}\n"), "pool")


def test_a_missing_name_is_answered_with_the_names_there_are():
    samples = metrics.parse("http_requests_total 1\ndb_pool_in_use 2\n")
    with pytest.raises(Unmeasured) as caught:
        samples.named("http_request_total")
    assert caught.value.reason == "no metric http_request_total; there are: http_requests_total, db_pool_in_use"


def test_only_twelve_names_are_listed():
    samples = metrics.parse("".join(f"metric_{letter} 1\n" for letter in "abcdefghijklmnopqrst"))
    with pytest.raises(Unmeasured, match="and 8 more"):
        samples.named("nothing_like_it")


@pytest.mark.parametrize("name", ["jobs", "jobs_total"])
@pytest.mark.parametrize("exposed", ["jobs", "jobs_total"])
def test_a_counter_is_found_with_and_without_total(name, exposed):
    assert metrics.gauge(metrics.parse(f"# TYPE {exposed} counter\n{exposed} 7\n"), name) == 7


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there are no metrics"),
        ("\n\n# HELP a b\n", "there are no metrics"),
        ("<html><body>welcome</body></html>", "cannot be parsed"),
        ('a{b="c} 1\n', "cannot be parsed"),
        ("a one\n", "cannot be parsed"),
        ("a" * 70_000 + " 1\n", "longer than 64 KiB"),
        ("".join(f'a{{n="{n}"}} 1\n' for n in range(100_001)), "more than 100000 samples"),
    ],
    ids=["nothing", "comments", "html", "open quote", "no number", "long line", "too many"],
)
def test_what_is_no_metrics_page_has_a_reason(text, reason):
    with pytest.raises(Unmeasured, match=reason):
        metrics.parse(text)


def test_a_series_exposed_twice_is_no_measurement():
    with pytest.raises(Unmeasured, match="twice"):
        metrics.parse('a{b="c"} 1\na{b="c"} 2\n').named("a")


def test_a_label_that_is_not_there_is_answered_with_those_there_are():
    with pytest.raises(Unmeasured, match=r"no label 'status' \(it has: code\)"):
        metrics.label_of(frozenset({("code", "200")}), "status", "a_total")


# Worked by hand after the text of Prometheus's histogram_quantile.
@pytest.mark.parametrize(
    ("share", "buckets", "expected"),
    [
        (0.5, [(1.0, 10), (INF, 10)], 0.5),
        (0.95, [(0.1, 90), (0.5, 100), (INF, 100)], 0.3),
        (0.9, [(0.1, 90), (0.5, 100), (INF, 100)], 0.1),
        (0.95, [(0.1, 0), (0.5, 0), (1.0, 20), (INF, 20)], 0.975),
        (0.5, [(-1.0, 10), (1.0, 10), (INF, 10)], -1.0),
        (0.5, [(-1.0, 0), (1.0, 10), (INF, 10)], 0.0),
        (1.0, [(0.1, 5), (0.2, 10), (INF, 10)], 0.2),
        (0.0, [(0.1, 5), (0.2, 10), (INF, 10)], 0.0),
        (0.25, [(10.0, 0.5), (20.0, 1), (INF, 1)], 5.0),
    ],
)
def test_quantiles_are_those_of_promql(share, buckets, expected):
    value, beyond = histograms.quantile(share, buckets)
    assert value == pytest.approx(expected)
    assert not beyond


def test_a_quantile_beyond_the_last_finite_bucket_is_at_least_its_bound():
    assert histograms.quantile(0.95, [(0.1, 10), (0.5, 50), (INF, 100)]) == (0.5, True)


@pytest.mark.parametrize("buckets", [[], [(INF, 5)], [(0.1, 5)], [(0.1, 0), (INF, 0)]])
def test_a_degenerate_histogram_has_no_quantile(buckets):
    with pytest.raises(Unmeasured):
        histograms.quantile(0.95, buckets)


def test_buckets_are_counted_over_the_interval_and_summed_over_series():
    text = (
        'took_bucket{{path="/a",le="0.1"}} {0}\ntook_bucket{{path="/a",le="+Inf"}} {1}\ntook_count{{path="/a"}} {1}\n'
        'took_bucket{{path="/b",le="0.1"}} {0}\ntook_bucket{{path="/b",le="+Inf"}} {1}\ntook_count{{path="/b"}} {1}\n'
        'took_bucket{{path="/health",le="0.1"}} 9\ntook_bucket{{path="/health",le="+Inf"}} 9\n'
        'took_count{{path="/health"}} 9\n'
    )
    before, after = (metrics.parse("# TYPE took histogram\n" + text.format(*pair)) for pair in ((1, 2), (4, 10)))
    assert histograms.buckets(before, after, "took", ignore={"path": ["/health"]}) == [(0.1, 6), (INF, 16)]


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (histogram(("0.1", 5), ("0.5", 6), count=6), "no .Inf bucket"),
        (histogram(("0.1", 7), ("0.5", 6), ("+Inf", 8)), "a larger bucket counted less"),
        (histogram(("0.1", 5), ("0.5", 6), ("+Inf", 8), count=9), "contradicts itself"),
        (histogram(("0.1", 5), ("0.5", 6), ("0.50", 6), ("+Inf", 8)), "one bucket twice"),
        (histogram(("0.1", 5), ("fast", 6), ("+Inf", 8)), "no number"),
        (histogram(("0.1", 5), ("NaN", 6), ("+Inf", 8)), "no number"),
        (histogram(("0.1", 5), ("0.5", math.nan), ("+Inf", 8)), "no number"),
        (metrics.parse('took_bucket{le="+Inf"} 5\n'), "no metric took_count"),
        (metrics.parse("other 5\n"), "no metric took_bucket"),
        (metrics.parse("took_bucket 5\ntook_count 5\n"), "no label 'le'"),
    ],
    ids=["no +Inf", "falling", "count", "twice", "word", "NaN bound", "NaN", "no count", "no buckets", "no le"],
)
def test_a_histogram_that_contradicts_itself_is_no_measurement(after, reason):
    with pytest.raises(Unmeasured, match=reason):
        histograms.buckets(histogram(("0.1", 0), ("0.5", 0), ("+Inf", 0)), after, "took")


def test_series_with_different_buckets_cannot_be_summed():
    text = (
        'took_bucket{path="/a",le="0.1"} 1\ntook_bucket{path="/a",le="+Inf"} 1\ntook_count{path="/a"} 1\n'
        'took_bucket{path="/b",le="0.2"} 1\ntook_bucket{path="/b",le="+Inf"} 1\ntook_count{path="/b"} 1\n'
    )
    with pytest.raises(Unmeasured, match="different buckets"):
        histograms.buckets(metrics.parse(text), metrics.parse(text), "took")
