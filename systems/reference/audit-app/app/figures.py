"""What is measured, under audit-app's own names: statuses as `code`, and a histogram whose name has no unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Histogram

from standin.metrics import Measured

if TYPE_CHECKING:
    from starlette.types import Scope

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 5, 10)  # fine enough around 2 s
REQUESTS = Counter("api_requests_total", "Requests answered.", ["method", "handler", "code"])
DURATION = Histogram("http_request_duration", "Seconds to answer.", ["handler"], buckets=BUCKETS)
LIMITED = Counter("rate_limited_requests_total", "Requests answered 429.")


class Coded(Measured):
    """Counts and times every request, errors included."""

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        handler = self._template(scope)
        REQUESTS.labels(scope["method"], handler, status).inc()
        DURATION.labels(handler).observe(seconds)
        if status == 429:
            LIMITED.inc()
