"""Whatever a target sends, the questions answer with an observation: never an exception, never an odd number."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillbook.probes import jsonpath, metrics
from drillbook.probes.http.noun import Http
from drillbook.probes.question import Unmeasured

PROMETHEUS = (
    "# HELP http_requests_total all\n# TYPE http_requests_total counter\n"
    'http_requests_total{status="200",path="/a b"} 5 1700000000000\nhttp_requests_total{status="500"} 1e3\n'
    '# TYPE took histogram\ntook_bucket{le="0.1"} 3\ntook_bucket{le="+Inf"} 4\ntook_count 4\n'
    "took_sum 0.7\npool 3\nsize 8\n"
)
DOCUMENT = json.dumps({"requests": 5, "errors": 1, "p95": 12.5, "pool": {"used": 3, "size": [8, None, True]}})
TEXT = {"requests": "http_requests_total", "latency": "took", "pool": {"in_use": "pool", "size": "size"}}
JSON = {"format": "json", "unit": "ms", "requests": "$.requests", "errors": "$.errors", "p95": "$.p95",
        "pool": {"in_use": "$.pool.used", "size": "$.pool.size[0]"}}  # fmt: skip

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def mutants(text: str) -> st.SearchStrategy[str]:
    """The text with some places cut, doubled or replaced."""
    junk = st.one_of(
        st.text(max_size=6),
        st.sampled_from(["NaN", "-1", "1e999", "{", "}", '"', "\n", "\x00", "\\", "le=", "9" * 500]),
    )
    cut = st.tuples(st.integers(0, len(text)), st.integers(0, 12), junk)

    def mutate(cuts: list[tuple[int, int, str]]) -> str:
        mutant = text
        for place, length, put in cuts:
            mutant = mutant[:place] + put + mutant[place + length :]
        return mutant

    return st.lists(cut, min_size=1, max_size=5).map(mutate)


@pytest.fixture
def answers(a_service, a_page, some_readings):
    """What the questions about metrics answer, given two bodies."""

    def ask(first, second, declared):
        service = a_service("http", "http://api:8000", health={"path": "/h"}, metrics=declared)
        facts = {"pages": {"health": a_page("ok")}, "metrics": a_page(first)}
        api = Http(service, some_readings(facts, {"metrics": a_page(second)}))
        return [api.error_ratio(), api.p95(), api.traffic(), api.pool_used()]

    return ask


def hold(observations) -> None:
    for one in observations:
        assert one.reason or one.value is not None
        assert one.value is None or (math.isfinite(one.value) and one.value >= 0)


@FUZZ
@given(second=mutants(PROMETHEUS))
def test_mutated_metrics_never_raise(answers, second):
    found = answers(PROMETHEUS, second, TEXT)
    hold(found)
    try:
        metrics.parse(second)
    except Unmeasured:
        assert [one.value for one in found[:3]] == [None, None, None]


@FUZZ
@given(first=mutants(DOCUMENT), second=mutants(DOCUMENT))
def test_mutated_json_never_raises(answers, first, second):
    found = answers(first, second, JSON)
    hold(found)
    try:
        jsonpath.parse(second)
    except Unmeasured:
        assert [one.value for one in found[:3]] == [None, None, None]


@FUZZ
@given(body=mutants('{"status": "healthy", "db": true}'), status=st.integers(100, 999))
def test_a_mutated_health_page_is_healthy_only_if_it_says_so(a_service, a_page, some_readings, body, status):
    page = {"path": "/h", "up": "$.status == 'healthy'", "parts": {"db": "$.db"}}
    api = Http(
        a_service("http", "http://api", health=page), some_readings({"pages": {"health": a_page(body, status=status)}})
    )
    if api.healthy().value is True:
        assert status == 200
        assert json.loads(body)["status"] == "healthy"


@FUZZ
@given(text=st.text(alphabet=st.characters(), max_size=400))
def test_what_others_say_is_one_printable_line(text):
    from drillbook.probes.failure import said

    line = said(text)
    assert len(line) <= 300
    assert line.isprintable() or all(character.isspace() or character.isprintable() for character in line)
    line.encode()
