"""Metrics as JSON: counters of each endpoint are summed, figures have a unit, and a page may come wrapped."""

from __future__ import annotations

import json

import pytest

EACH = {
    "format": "json",
    "requests": "$.endpoints.*.requests",
    "errors": "$.endpoints.*.errors",
    "p95": "$.endpoints['/comps'].p95_response_time_ms",
}


def page(**endpoints: tuple[int, int, float]) -> str:
    return json.dumps(
        {
            "endpoints": {
                f"/{name}": {"requests": requests, "errors": errors, "p95_response_time_ms": p95}
                for name, (requests, errors, p95) in endpoints.items()
            }
        }
    )


def test_counters_of_each_endpoint_are_summed(metered):
    api = metered(page(comps=(10, 0, 80), cards=(5, 1, 9)), page(comps=(50, 2, 90), cards=(15, 4, 9)), declared=EACH)
    assert [one.value for one in (api.error_ratio(), api.p95())] == [10.0, 90]
    assert api.traffic().value == pytest.approx(50 / 3)


def test_an_endpoint_that_is_asked_for_the_first_time_began_at_nothing(metered):
    api = metered(page(comps=(10, 0, 80)), page(comps=(12, 0, 80), cards=(1, 0, 9)), declared=EACH)
    assert api.traffic().value == 1.0


def test_an_endpoint_whose_counter_went_down_is_no_measurement(metered):
    api = metered(page(comps=(10, 0, 8), cards=(5, 0, 9)), page(comps=(100, 0, 8), cards=(2, 0, 9)), declared=EACH)
    assert "were reset" in api.error_ratio().reason


def test_endpoints_in_a_list_may_change_their_order(metered):
    pages = [
        json.dumps([{"n": 5, "bad": 1}, {"n": 2, "bad": 0}]),
        json.dumps([{"n": 12, "bad": 0}, {"n": 5, "bad": 1}]),
    ]
    declared = {"format": "json", "requests": "$[*].n", "errors": "$[*].bad"}
    assert metered(*pages, declared=declared).error_ratio().value == 0.0


def test_percentiles_of_several_endpoints_cannot_be_averaged(metered):
    pages = page(comps=(10, 0, 80), cards=(5, 1, 9)), page(comps=(50, 2, 90), cards=(15, 4, 9))
    several = EACH | {"p95": "$.endpoints.*.p95_response_time_ms"}
    assert 'metrics.across = "worst"' in metered(*pages, declared=several).p95().reason
    assert metered(*pages, declared=several | {"across": "worst"}).p95().value == 90


@pytest.mark.parametrize(("unit", "value"), [("ms", 0.08), ("s", 80), ("us", 0.00008)])
def test_a_figure_is_in_its_unit(metered, unit, value):
    pages = ['{"n": 1, "p95": 0.08}', '{"n": 2, "p95": 0.08}']
    declared = {"format": "json", "requests": "$.n", "p95": "$.p95", "unit": unit}
    assert metered(*pages, declared=declared).p95().value == pytest.approx(value)


def test_a_figure_of_earlier_requests_is_no_measurement(metered):
    same = page(comps=(10, 0, 80))
    assert (metered(same, same, declared=EACH).p95().value, metered(same, same, declared=EACH).p95().idle) == (
        None,
        True,
    )


def test_more_errors_than_requests_are_no_measurement(metered):
    api = metered(page(comps=(10, 0, 8)), page(comps=(12, 9, 8)), declared=EACH)
    assert api.error_ratio().reason == "9 errors of 2 requests: are these two counters of one kind?"


def test_nothing_at_a_path_is_no_measurement(metered):
    api = metered(page(), page(), declared=EACH)
    assert api.traffic().reason == "has no $.endpoints.*.requests ($.endpoints is empty)"


def test_text_in_a_json_string_is_read(metered):
    pages = [json.dumps(f'http_requests_total{{status="200"}} {count}\n') for count in (1, 31)]
    assert metered(*pages, declared={"requests": "http_requests_total"}).traffic().value == 10.0


@pytest.mark.parametrize(
    ("body", "declared", "reason"),
    [
        (
            page(),
            {"requests": "http_requests_total"},
            'the metrics cannot be parsed: it is JSON (metrics.format = "json")',
        ),
        ("<html>", {"requests": "http_requests_total"}, "the metrics cannot be parsed: it is HTML"),
        ("# TYPE a counter\na 1\n", EACH, 'is it Prometheus text? Then leave metrics.format = "json" out'),
        ('"unfinished', {"requests": "http_requests_total"}, "the metrics cannot be parsed: "),
    ],
)
def test_a_page_of_another_format_is_told(metered, body, declared, reason):
    assert reason in metered(body, body, declared=declared).traffic().reason
