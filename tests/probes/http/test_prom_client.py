"""What node's prom-client 15.1 really says: 100 requests of 20 to 29 ms, ten of which took 250 ms and failed.

Captured byte for byte; before, there were 50 of 20 to 29 ms and two failures of 90 ms.
"""

from __future__ import annotations

from pathlib import Path

import pytest

CAPTURED = Path(__file__).parent / "captured"
FIRST, SECOND = (CAPTURED / f"prom_client_{name}.txt" for name in ("first", "second"))


@pytest.fixture
def node(metered):
    """Makes the noun; the file may name the histogram or the summary."""

    def make(latency, **declared):
        metrics = {"requests": "http_requests_total", "status": "code", "latency": latency, **declared}
        return metered(FIRST.read_text(), SECOND.read_text(), declared=metrics)

    return make


def test_errors_are_told_by_a_label_that_has_its_own_name(node):
    assert node("http_request_duration_seconds").error_ratio().value == 10.0


def test_the_label_that_holds_the_code_is_named_where_another_is_declared(node):
    answer = node("http_request_duration_seconds", status="status").error_ratio()
    assert answer.reason == "http_requests_total has no label 'status': write metrics.status = \"code\""


def test_its_histogram_is_in_seconds_and_its_summary_in_milliseconds_as_their_names_say(node):
    assert node("http_request_duration_seconds").p95().value == pytest.approx(200)
    assert node("http_request_duration_ms").p95().value == pytest.approx(251.9)
