"""What is measured, under scraper-platform's own names: statuses as `code`, durations in milliseconds."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from prometheus_client import Counter, Histogram

from standin.metrics import Measured

if TYPE_CHECKING:
    from starlette.types import Scope

BUCKETS = (5, 10, 25, 50, 100, 250, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10000)  # fine around 1, 2 and 5 s
REQUESTS = Counter("flask_requests_total", "Requests answered.", ["verb", "endpoint", "code"])
FAILED = Counter("flask_request_failures_total", "Requests answered with 500 and above.", ["endpoint"])
DURATION = Histogram("flask_request_duration", "Milliseconds to answer.", ["endpoint"], buckets=BUCKETS)
PAGES = ("/api/trending", "/api/posts/latest")  # whose failures are counted from the start, at 0
LATELY: deque[bool] = deque(maxlen=100)  # whether each of the last answers to users was one

for page in PAGES:
    FAILED.labels(page)


class Coded(Measured):
    """Counts and times every request, errors included."""

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        endpoint = self._template(scope)
        REQUESTS.labels(scope["method"], endpoint, status).inc()
        DURATION.labels(endpoint).observe(1000 * seconds)
        if status >= 500:
            FAILED.labels(endpoint).inc()
        if endpoint in PAGES:
            LATELY.append(status < 500)


def availability() -> float:
    """Return the share of the last answers to users that were no failures, in %; 100 before the first."""
    answers = list(LATELY)
    return 100 * sum(answers) / len(answers) if answers else 100.0
