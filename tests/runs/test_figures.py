"""Where errors and times come from in whole runs: our own requests where nobody visits, or a Prometheus server."""

from __future__ import annotations

import time

import pytest

FILE = "systems/shop/system.toml"
RUN = ("checks", "--target", "shop@local", "--interval", "0.3")
QUIET = 'kind = "local"', 'kind = "local"\ntraffic = "ours"'
PAGE = """requests = "requests_total"
latency = "request_seconds"
ignore = { path = ["/metrics"] }
pool = { in_use = "pool_in_use", size = "pool_size" }
"""
SERVER = """from = "prometheus"
server = "prometheus"
up = "up"
errors = "errors"
p95 = "p95"
unit = "s"
[services.prometheus]
kind = "http"
roles = ["upstream"]
url = { env = "SHOP_URL" }
headers = { Authorization = { env = "SHOP_TOKEN", prefix = "Bearer " } }
"""


def judged(project, *names):
    """The verdicts of these names with their reasons."""
    lines = {line["name"]: line for line in project.journal() if line["kind"] == "verdict"}
    return [(lines[name]["verdict"], lines[name]["reason"]) for name in names]


def test_a_system_that_nobody_visits_is_green_by_our_own_requests(shop_project, shop):
    shop.visitors = False
    # whose machine is slow is of no account here
    lenient = '\n[limits."api.p95"]\nunit = "ms"\nhigh = "> 60000"'
    shop_project.edit(FILE, QUIET[0], QUIET[1] + lenient)
    ran = shop_project.pytest(*RUN)
    assert ran.code == 0, ran.said
    assert judged(shop_project, "api.errors", "api.p95") == 2 * [("OK", "of our own 20 requests")]
    assert shop.asked.count("/items") == 21


def test_it_is_red_where_they_fail(shop_project, shop):
    answer = shop.answer
    shop_project.edit(FILE, *QUIET)

    def failing(path, authorization):
        found = answer(path, authorization)
        found.status = 503 if shop.asked.count("/items") > 10 and path == "/items" else found.status
        return found

    shop.answer = failing
    ran = shop_project.pytest(*RUN)
    assert ran.code == 1, ran.said
    assert judged(shop_project, "api.errors") == [("BREACHED", "of our own 20 requests")]
    assert judged(shop_project, "api.p95") == [("UNKNOWN", "only 9 of 20 requests of our own were served")]


def test_what_an_idle_system_cannot_tell_is_skipped_where_the_file_says_so(shop_project, shop):
    shop.visitors = False
    idle = "".join(f'\n[limits."{name}"]\nwhen_idle = "skip"' for name in ("api.errors", "api.p95"))
    shop_project.edit(FILE, QUIET[0], QUIET[0] + idle)
    ran = shop_project.pytest(*RUN)
    assert ran.code == 0, ran.said
    assert [one for one, _ in judged(shop_project, "api.errors", "api.p95")] == ["skipped", "skipped"]


@pytest.fixture
def prometheus(shop_project, shop):
    """The shop whose figures a Prometheus knows; gives its answers by query, which may be changed."""
    shop_project.edit(FILE, PAGE, SERVER)
    answer, found = shop.answer, {"up": 1, "timestamp(up)": time.time(), "errors": 0.5, "p95": 0.2}

    def answering(path, authorization):
        query = path.partition("query=")[2].replace("%28", "(").replace("%29", ")")
        if query in found:
            data = {"resultType": "vector", "result": [{"metric": {}, "value": [time.time(), str(found[query])]}]}
            shop.say(path, {"status": "success", "data": data})
        return answer(path, authorization)

    shop.answer = answering
    return found


def test_a_prometheus_server_says_what_errors_and_times_are(shop_project, prometheus):
    ran = shop_project.pytest(*RUN)
    assert ran.code == 0, ran.said
    found = {line["name"]: line for line in shop_project.journal() if line["kind"] == "verdict"}
    assert [(found[name]["value"], found[name]["unit"]) for name in ("api.errors", "api.p95")] == [
        (0.5, "%"),
        (200, "ms"),
    ]
    assert found["api.errors"]["by"].startswith("prometheus 127.0.0.1:")


def test_it_is_red_by_what_the_server_says_and_unknown_where_that_is_stale(shop_project, prometheus):
    prometheus["errors"] = 7
    assert shop_project.pytest(*RUN).code == 1
    assert judged(shop_project, "api.errors") == [("BREACHED", "")]
    prometheus["timestamp(up)"] = time.time() - 1000
    assert shop_project.pytest(*RUN).code == 11
    (one,) = judged(shop_project, "api.errors")
    assert one[0] == "UNKNOWN"
    assert one[1].endswith("its figures are stale")


def test_a_server_that_the_file_does_not_have_is_a_mistake(shop_project, prometheus, shop):
    shop_project.edit(FILE, 'server = "prometheus"', 'server = "prometeus"')
    ran = shop_project.pytest(*RUN)
    assert ran.code == 4, ran.said
    assert "services.web.metrics.server: 'prometeus' is no prometheus service of this file" in ran.said
    assert shop.asked == []
