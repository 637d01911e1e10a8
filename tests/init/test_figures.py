"""The names on a page of metrics are recognised: of real exporters, and of others as their documentation has them."""

from __future__ import annotations

import tomllib

import pytest

from drillbook.init.figures import figures_of
from drillbook.init.tables import Table
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Meter

NAMES = {
    "exporter": {
        "requests": "starlette_requests_total",
        "latency": "starlette_request_duration_seconds",
        "status": "status_code",
        "ignore": {"path": ["/health", "/metrics"]},
    },
    "instrumentator": {
        "requests": "http_requests_total",
        "latency": "http_request_duration_seconds",
        "ignore": {"handler": ["/health", "/metrics"]},
    },
    "client": {
        "requests": "http_requests_total",
        "latency": "http_request_duration_seconds",
        "status": "code",
    },
}
SPRING = """
# TYPE http_server_requests_seconds summary
http_server_requests_seconds_count{exception="None",method="GET",status="200",uri="/orders"} 12.0
http_server_requests_seconds_sum{exception="None",method="GET",status="200",uri="/orders"} 0.4
http_server_requests_seconds_count{exception="None",method="GET",status="200",uri="/actuator/health"} 3.0
http_server_requests_seconds_sum{exception="None",method="GET",status="200",uri="/actuator/health"} 0.1
# TYPE http_client_requests_seconds histogram
http_client_requests_seconds_bucket{status="200",le="+Inf"} 900
http_client_requests_seconds_count{status="200"} 900
http_client_requests_seconds_sum{status="200"} 9
"""
DOT_NET = """
# TYPE http_requests_received_total counter
http_requests_received_total{code="200",method="GET",controller="Orders",action="List"} 7
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_sum{code="200",method="GET"} 0.1
http_request_duration_seconds_count{code="200",method="GET"} 7
http_request_duration_seconds_bucket{code="200",method="GET",le="0.1"} 7
http_request_duration_seconds_bucket{code="200",method="GET",le="+Inf"} 7
"""
GO = """
# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} 400
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0.5"} 0.0001
go_gc_duration_seconds_sum 1
go_gc_duration_seconds_count 9
# TYPE shop_http_request_duration_milliseconds histogram
shop_http_request_duration_milliseconds_bucket{route="/healthz",class="2xx",le="100"} 7
shop_http_request_duration_milliseconds_bucket{route="/healthz",class="2xx",le="+Inf"} 7
shop_http_request_duration_milliseconds_count{route="/healthz",class="2xx"} 7
shop_http_request_duration_milliseconds_sum{route="/healthz",class="2xx"} 70
"""
DJANGO = """
# TYPE django_http_responses_total_by_status_total counter
django_http_responses_total_by_status_total{status="200"} 7
# TYPE django_http_responses_total_by_status_view_method_total counter
django_http_responses_total_by_status_view_method_total{status="200",view="shop",method="GET"} 7
# TYPE django_http_requests_latency_including_middlewares_seconds histogram
django_http_requests_latency_including_middlewares_seconds_bucket{le="0.1"} 7
django_http_requests_latency_including_middlewares_seconds_bucket{le="+Inf"} 7
django_http_requests_latency_including_middlewares_seconds_count 7
django_http_requests_latency_including_middlewares_seconds_sum 0.1
# TYPE django_http_responses_body_total_bytes histogram
django_http_responses_body_total_bytes_bucket{le="+Inf"} 7
"""
NODE = """
# TYPE http_request_duration histogram
http_request_duration_bucket{status_code="200",le="50"} 6
http_request_duration_bucket{status_code="200",le="1000"} 7
http_request_duration_bucket{status_code="200",le="+Inf"} 7
http_request_duration_count{status_code="200"} 7
http_request_duration_sum{status_code="200"} 70
"""
OTEL = """
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_count{"http.route"="/healthz",http_response_status_code="200"} 1
"""
# Neither is called after requests: what was asked, and how that went, is in the labels. The cache has no status.
OWN_NAMES = """
orders_calls_total{handler="/healthz",outcome="200"} 3
orders_calls_total{handler="/orders",outcome="503"} 1
orders_cache_hits_total{handler="/healthz"} 3
"""
ENUM = 'http_requests_total{status_code="HTTPStatus.OK"} 7\n'
PAGES = {
    "Spring": (
        SPRING,
        {"requests": "http_server_requests_seconds_count", "ignore": {"uri": ["/actuator/health", "/m"]}},
    ),
    ".NET": (
        DOT_NET,
        {
            "requests": "http_requests_received_total",
            "latency": "http_request_duration_seconds",
            "status": "code",
            "unit": "s",
        },
    ),
    "Go": (
        GO,
        {
            "requests": "shop_http_request_duration_milliseconds_count",
            "latency": "shop_http_request_duration_milliseconds",
            "status": "class",
            "unit": "ms",
            "ignore": {"route": ["/healthz", "/m"]},
        },
    ),
    "Django": (
        DJANGO,
        {
            "requests": "django_http_responses_total_by_status_total",
            "latency": "django_http_requests_latency_including_middlewares_seconds",
            "unit": "s",
        },
    ),
    "Node": (
        NODE,
        {
            "requests": "http_request_duration_count",
            "latency": "http_request_duration",
            "status": "status_code",
            "unit": "ms",
        },
    ),
    "OpenTelemetry": (
        OTEL,
        {
            "requests": "http_server_request_duration_seconds_count",
            "status": "http_response_status_code",
            "ignore": {"http.route": ["/healthz", "/m"]},
        },
    ),
    "names of its own": (
        OWN_NAMES,
        {"requests": "orders_calls_total", "status": "outcome", "ignore": {"handler": ["/healthz", "/m"]}},
    ),
    "an enum": (ENUM, {"requests": "http_requests_total"}),
    "nothing of traffic": ("process_cpu_seconds_total 3\n", {}),
}
OURS = ("/actuator/health", "/healthz")


@pytest.mark.parametrize("name", PAGES)
def test_the_names_on_a_page_are_recognised(name):
    text, names = PAGES[name]
    found = figures_of(text, "/m", [one for one in OURS if one in text])
    assert found.lines == {"path": "/m", **names}
    assert tomllib.loads(Table("metrics", found.lines).text) == {"metrics": found.lines}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Spring", 'No histogram or summary of durations was found: latency = "NAME".'),
        ("an enum", "No label of http_requests_total holds a status code: which requests failed is UNKNOWN"),
        ("nothing of traffic", "No counter of requests was found"),
    ],
)
def test_what_a_page_lacks_is_said(name, words):
    assert any(words in note for note in figures_of(PAGES[name][0], "/m", ()).notes)


@pytest.mark.parametrize("text", ["", "<html>", '{"requests": 3}', "not metrics at all {"])
def test_a_page_of_something_else_is_none(text):
    assert figures_of(text, "/m", ()) is None


@pytest.mark.parametrize("application", NAMES)
def test_what_is_written_of_a_real_exporter_is_measured(application, exporter, started):
    address, visit = exporter(application)
    visit()
    started.init(address, ask=lambda *_: "staging")
    service = started.target("staging", SHOP_URL=address).services["web"]
    names = service.declared.metrics.model_dump(exclude_defaults=True)
    assert names == NAMES[application] | {"unit": "s"}
    meter = Meter([service], 0.0)
    meter.measure()
    visit()
    api = Http(service, meter.measure()["web"])
    assert api.error_ratio().value > 7, "our own requests may be among them"
    assert api.traffic().value > 0
    assert api.p95().value > 0
