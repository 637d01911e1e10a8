"""What a Prometheus server answers, where it is stale, warns, refuses, or is none: no figure is made of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from drillbook.probes.http.noun import Http

NOW = 1_800_000_000
METRICS = {"from": "prometheus", "server": "prometheus", "up": "up", "errors": "the errors"}


def vector(*values, **more):
    series = [{"metric": {}, "value": [NOW, str(value)]} for value in values]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": series}} | more)


@pytest.fixture
def errors(a_service, a_page, some_readings):
    """What is said of errors, given the server's answers; pages or texts."""

    def ask(answer="", *, up="", scraped=""):
        server = a_service("http", "http://prometheus:9090", name="prometheus", roles=["upstream"])
        web = a_service("http", "http://web:8000", health={"path": "/health"}, metrics=METRICS)
        found = {"errors": answer or vector(10), "up": up or vector(1), "scraped": scraped or vector(NOW - 10)}
        pages = {key: one if isinstance(one, dict) else a_page(one) for key, one in found.items()}
        facts = {"pages": {"health": a_page("ok")}, "queries": pages}
        return Http(replace(web, server=server), some_readings(facts)).error_ratio()

    return ask


def test_a_figure_is_who_answered_and_what(errors):
    answer = errors()
    assert (answer.value, answer.unit, answer.by) == (10, "%", "prometheus 10.0.0.7:8000")


def test_one_of_several_that_is_reached_is_enough(errors):
    assert errors(up=vector(0, 1), scraped=vector(NOW - 500, NOW - 5)).value == 10


@pytest.mark.parametrize(
    ("up", "scraped", "reason"),
    [
        (vector(0, 0), "", "prometheus does not reach it: up is 0: look at its targets"),
        ("", vector(NOW - 121), "prometheus has scraped it 121 s ago: its figures are stale"),
        ("", vector("NaN"), "prometheus has scraped it nan s ago: its figures are stale"),
        ("", vector(), "metrics.scraped gives nothing: no series matches timestamp(up); "),
    ],
)
def test_figures_of_what_is_not_scraped_are_no_measurement(errors, up, scraped, reason):
    answer = errors(up=up, scraped=scraped)
    assert answer.value is None
    assert answer.reason.startswith(reason)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (vector(5, warnings=["a store is away"]), "prometheus, asked for metrics.errors, warns: ['a store is away']"),
        (vector(101), "metrics.errors gives 101, which is more than 100 %"),
        (vector("NaN"), "metrics.errors gives NaN: nothing was counted in the time that it is over"),
        ("<html>", "prometheus, asked for metrics.errors: it answered 200: <html>: is this a Prometheus?"),
        ("[]", "prometheus, asked for metrics.errors, answered 200: this is no answer to a query"),
        ('{"status": "error", "error": "too slow"}', "prometheus, asked for metrics.errors, answered 200: too slow"),
        ('{"status": "success"}', "metrics.errors gives 'None', not one number: is it a range?"),
        ('{"status": "success", "data": {"resultType": "vector", "result": [{}]}}', "the Prometheus answers None, "),
        ('{"status": "success", "data": {"resultType": "string", "result": []}}', "metrics.errors gives 'string'"),
    ],
)  # fmt: skip
def test_an_odd_answer_is_no_measurement(errors, answer, reason):
    found = errors(answer)
    assert found.value is None
    assert found.reason.startswith(reason)


def test_nothing_to_divide_by_is_idle(errors):
    assert errors(vector("NaN")).idle


def test_a_server_that_is_away_or_does_not_let_us_in_is_no_measurement(errors, a_page):
    away = errors(a_page(error={"kind": "down", "reason": "connection refused"}))
    assert (away.value, away.reason) == (
        None,
        "prometheus, asked for metrics.errors, did not answer: connection refused",
    )
    assert errors(a_page(status=401)).reason.startswith("login refused for prometheus (/api/v1/query answered 401)")


def test_no_traffic_is_measured_and_known_to_be_none(a_service, a_page, some_readings):
    server = a_service("http", "http://prometheus:9090", name="prometheus", roles=["upstream"])
    web = a_service("http", "http://web:8000", health={"path": "/health"}, metrics={**METRICS, "rate": "the rate"})
    pages = {"rate": vector(0), "up": vector(1), "scraped": vector(NOW - 10), "errors": vector(0)}
    facts = {"pages": {"health": a_page("ok")}, "queries": {key: a_page(one) for key, one in pages.items()}}
    found = Http(replace(web, server=server), some_readings(facts)).traffic()
    assert (found.value, found.idle) == (0.0, True)
    assert found.reason.startswith('metrics.rate gives 0: where nobody visits, write traffic = "ours"')
