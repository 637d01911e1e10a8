"""A real Prometheus: its quantiles are ours, and what it answers to queries is a figure only where it means one."""

from __future__ import annotations

import math
import random
import threading
import urllib.request
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from drillbook.probes import jsonpath
from drillbook.probes.http.figures import histogram
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import measure

pytestmark = pytest.mark.proof

HISTOGRAMS = 2000
SHARES = (0.5, 0.95, 0.99)
SETTINGS = """
global: {{scrape_interval: 1s}}
scrape_configs:
- job_name: web
  static_configs: [{{targets: ["127.0.0.1:{web}"]}}]
- job_name: gone
  static_configs: [{{targets: ["127.0.0.1:1"]}}]
"""


def some_histogram(chance):
    """Bounds and cumulative counts of a histogram as services have them, with empty buckets and wide ones."""
    bounds = sorted({round(chance.uniform(0.001, 10), 4) for _ in range(chance.randint(1, 12))})
    counted, found = 0, []
    for bound in (*bounds, math.inf):
        counted += chance.choice((0, 0, chance.randint(0, 5), chance.randint(0, 10_000)))
        found.append((bound, float(counted)))
    return found


@pytest.fixture(scope="module")
def histograms():
    """Two thousand of them, always the same."""
    chance = random.Random(95)
    return [some_histogram(chance) for _ in range(HISTOGRAMS)]


class Web(BaseHTTPRequestHandler):
    """An API whose metrics are these histograms, and some counters."""

    def do_GET(self):
        body = self.server.page if self.path == "/metrics" else "{}"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def web(histograms):
    """One that runs: its port."""
    lines = [
        f'took_seconds_bucket{{n="{n}",le="{"+Inf" if bound == math.inf else bound}"}} {count}'
        for n, one in enumerate(histograms)
        for bound, count in one
    ]
    lines += ['requests_total{status="200"} 90', 'requests_total{status="500"} 10', "pool_in_use 3", "pool_max 12"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    server.daemon_threads, server.page = True, "\n".join([*lines, ""])
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def prometheus(start_prometheus, web, until):
    """A Prometheus that has scraped the API: its address."""
    address = start_prometheus({"prometheus.yml": SETTINGS.format(web=web)})
    until(lambda: values(address, "count(took_seconds_bucket)") and values(address, 'up{job="gone"}'), 60)
    return address


def values(address, query):
    """What the server answers, by the label `n`; nothing where it is not there yet."""
    try:
        with urllib.request.urlopen(f"http://{address}/api/v1/query?query={quote(query)}", timeout=60) as answer:
            found = jsonpath.parse(answer.read().decode())["data"]["result"]
    except OSError:
        return {}
    return {one["metric"].get("n", ""): float(one["value"][1]) for one in found}


@pytest.mark.parametrize("share", SHARES)
def test_its_quantiles_are_ours(prometheus, histograms, share):
    theirs = values(prometheus, f"histogram_quantile({share}, took_seconds_bucket)")
    assert len(theirs) == HISTOGRAMS
    counted = [(n, one) for n, one in enumerate(histograms) if one[-1][1]]
    assert len(counted) > HISTOGRAMS * 0.9
    for n, one in counted:
        assert histogram.quantile(share, one)[0] == pytest.approx(theirs[str(n)], rel=1e-9, abs=1e-12), one
    assert all(math.isnan(theirs[str(n)]) for n, one in enumerate(histograms) if not one[-1][1])


@pytest.fixture
def ask(a_service, prometheus, web):
    """The noun of the API whose figures that Prometheus knows."""

    def read(up='up{job="web"}', **queries):
        server = a_service("prometheus", f"http://{prometheus}", name="prometheus")
        metrics = {"from": "prometheus", "server": "prometheus", "up": up, **queries}
        pages = {"health": {"path": "/health"}, "metrics": metrics, "samples": 1}
        declared = a_service("http", f"http://127.0.0.1:{web}", name="web", **pages)
        service = replace(declared, server=server)
        return Http(service, measure([service], 0.0)["web"])

    return read


ERRORS = '100 * sum(requests_total{status=~"5.."}) / sum(requests_total)'


def test_figures_come_from_its_queries(ask, prometheus):
    pool = {"in_use": "sum(pool_in_use)", "size": "sum(pool_max)"}
    api = ask(rate="sum(requests_total)", errors=ERRORS, p95="vector(0.25)", unit="s", pool=pool)
    found = [api.traffic(), api.error_ratio(), api.p95(), api.pool_used()]
    assert [(one.value, one.unit) for one in found] == [(100, "requests/s"), (10, "%"), (250, "ms"), (25, "%")]
    assert found[0].by == f"prometheus {prometheus}"
    assert api.readings.asked == 1, "the service itself is asked for its health alone"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (
            "nothing_at_all",
            "metrics.rate gives nothing: no series matches nothing_at_all; where there may be none yet, ",
        ),
        ("requests_total", "metrics.rate gives 2 series: make one of them, with sum(…) or max(…)"),
        ("vector(0) / 0", "metrics.rate gives NaN: nothing was counted in the time that it is over"),
        ("vector(1) / 0", "metrics.rate is inf, which is no number"),
        ("sum(requests_total) - 1000", "metrics.rate is negative: -900.0"),
        ("requests_total[5m]", "metrics.rate gives 'matrix', not one number: is it a range?"),
        ("sum(requests_total", 'prometheus, asked for metrics.rate, answered 400: invalid parameter "query"'),
    ],
)
def test_an_answer_that_is_no_figure_is_no_measurement(ask, query, reason):
    answer = ask(rate=query).traffic()
    assert answer.value is None
    assert answer.reason.startswith(reason)


@pytest.mark.parametrize(
    ("up", "reason"),
    [
        ('up{job="gone"}', 'prometheus does not reach it: up{job="gone"} is 0: look at its targets'),
        ('up{job="wbe"}', 'metrics.up gives nothing: no series matches up{job="wbe"}'),
    ],
)
def test_a_service_that_it_does_not_reach_is_not_measured(ask, up, reason):
    assert ask(up=up, rate="sum(requests_total)").traffic().reason.startswith(reason)


def test_a_scalar_is_a_figure_and_what_is_not_declared_is_not_asked(ask):
    api = ask(rate="scalar(sum(requests_total))")
    assert api.traffic().value == 100
    assert (api.p95().applies, api.pool_used().applies) == (False, False)
