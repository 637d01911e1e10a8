"""Where metrics are and what they are called is checked when the file is read, in words."""

from __future__ import annotations

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.system.file import read_system

FILE = """
[system]
name = "shop"

[services.web]
kind = "http"
url = { env = "SHOP_URL" }

[services.web.metrics]
"""


@pytest.fixture
def told(tmp_path):
    """What is said of a system whose `metrics` are these lines, behind the number of a line."""

    def read(*lines):
        path = tmp_path / "system.toml"
        path.write_text(FILE + "\n".join(lines))
        with pytest.raises(Mistakes) as caught:
            read_system(path)
        return [line.removeprefix(f"{path}:") for line in caught.value.lines]

    return read


SERVER = ('from = "prometheus"', 'server = "prometheus"', "up = 'up{job=\"web\"}'")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ('errors = "http_errors_total"',),
            "10: services.web.metrics.errors: is nothing that Prometheus text has (there: path, headers, deadline, "
            "requests, latency, status, ignore, pool, unit, across)",
        ),
        (
            ('format = "json"', 'latency = "$.took"'),
            "11: services.web.metrics.latency: is nothing that JSON has (there: path, headers, deadline, requests, "
            "errors, p95, pool, unit, across)",
        ),
        (
            (*SERVER, 'requests = "sum(rate(x[5m]))"'),
            "13: services.web.metrics.requests: is nothing that a Prometheus server has (there: server, up, rate, "
            "errors, p95, pool, unit)",
        ),
        (
            ('from = "prometheus"', 'rate = "sum(rate(x[5m]))"'),
            '9: services.web.metrics: write server = "…", the service that is the Prometheus, and up = \'up{job="…"}\'',
        ),
        (
            (*SERVER, 'p95 = "max(took_seconds)"'),
            '13: services.web.metrics.p95: say what it is counted in: unit = "ms", "s" or "us"',
        ),
        (
            ('format = "json"', 'p95 = "$.p95"'),
            '11: services.web.metrics.p95: say what it is counted in: unit = "ms", "s" or "us"',
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_said(told, lines, said):
    assert told(*lines) == [said]


@pytest.mark.parametrize("key", ["requests", "errors", "p95"])
def test_what_is_no_path_is_said(told, key):
    (line,) = told('format = "json"', f'{key} = "endpoints.p95_ms"')
    assert line.startswith(f"11: services.web.metrics.{key}: ")
