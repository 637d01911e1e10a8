"""Real exporters in real servers: what one process counted is measured, and of several workers' counters nothing is."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Meter

APPLICATIONS = Path(__file__).parent / "frameworks"
UVICORN = ("uvicorn", "--log-level", "critical", "--port", "{port}")
GUNICORN = ("gunicorn", "--log-level", "critical", "--bind", "127.0.0.1:{port}")
NAMES = {
    "exporter": {
        "requests": "starlette_requests_total",
        "latency": "starlette_request_duration_seconds",
        "status": "status_code",
        "ignore": {"path": ["/metrics", "/health"]},
    },
    "instrumentator": {
        "requests": "http_requests_total",
        "latency": "http_request_duration_highr_seconds",
    },
    "client": {
        "requests": "http_requests_total",
        "latency": "http_request_duration_seconds",
        "status": "code",
    },
}
GOOD, BAD = 45, 5
ENOUGH = 9  # times that the noun says so, three in each round


@pytest.fixture
def serve(a_service, a_port, until):
    """Starts an application with a server; gives the service and its address."""
    started = []

    def start(application, *command, **environ):
        port = a_port()
        words = [word.format(port=port) for word in command]
        server = subprocess.Popen(
            [sys.executable, "-m", *words, f"{application}:app"],
            cwd=APPLICATIONS, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(server)
        address = f"http://127.0.0.1:{port}"
        until(lambda: asked(f"{address}/health"))
        health, deals = {"path": "/health"}, {"path": "/deals", "json": "$.deals"}
        declared = {"health": health, "endpoints": {"deals": deals}, "metrics": NAMES[application]}
        return a_service("http", address, **declared), address

    yield start
    for server in started:
        server.terminate()
        server.wait()


def asked(url):
    """Whether somebody answers there, with whatever status."""
    try:
        with urllib.request.urlopen(url, timeout=10):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def visited(address):
    """Has users ask for the page as often as is said, some of them in vain, four at a time."""
    with ThreadPoolExecutor(4) as users:
        yield lambda: list(users.map(asked, [f"{address}/deals"] * GOOD + [f"{address}/deals?fail=1"] * BAD))


def rounds(service, address, count):
    """What the noun makes of each interval in which users came."""
    meter = Meter([service], 0.0)
    with visited(address) as visit:
        meter.measure()
        for _ in range(count):
            assert all(visit())
            yield Http(service, meter.measure()[service.name])


def who_answered(api):
    """The processes that answered for the metrics page in a round, one after the other, by when they were started."""
    first, second = api.readings.first, api.readings.second
    pages = [first["before"], *(one[key] for one in (first, second) for key in ("metrics", "again"))]
    return [re.search(r"^process_start_time_seconds (\S+)$", page["body"], re.MULTILINE)[1] for page in pages]


def could_be_one(answered):
    """Whether one process, that was started anew now and then, can have answered: none comes back once it is gone."""
    turns = [who for who, _ in groupby(answered)]
    return len(turns) == len(set(turns))


@pytest.mark.parametrize("application", ["exporter", pytest.param("instrumentator", marks=pytest.mark.proof)])
def test_one_process_is_measured(serve, application):
    for api in rounds(*serve(application, *UVICORN), 2):
        assert 8 <= api.error_ratio().value <= 10, "our own requests may be among them"
        assert api.traffic().value > 0
        assert api.p95().value > 0


@pytest.mark.parametrize(
    ("application", "server"),
    [
        ("exporter", (*UVICORN, "--workers", "4")),
        pytest.param("instrumentator", (*UVICORN, "--workers", "4"), marks=pytest.mark.proof),
        pytest.param("client", (*GUNICORN, "--workers", "4"), marks=pytest.mark.proof),
    ],
)
def test_workers_with_counters_of_their_own_are_no_measurement(serve, application, server):
    told, lately = [], deque(maxlen=20)  # less than what is remembered
    for api in rounds(*serve(application, *server), 200):
        answered = who_answered(api)
        lately += answered
        if len({*answered}) == 1 and could_be_one(lately):
            continue  # by chance one of the four, each time: nothing could be seen
        for one in (api.error_ratio(), api.traffic(), api.p95()):
            assert one.value is None
            assert "each with counters of its own: let them share their counters" in one.reason
            told.append(one)
        if len(told) == ENOUGH:
            return
    pytest.fail(f"only {len(told)} were told: one process answered nearly everything")


@pytest.mark.proof
def test_workers_that_share_their_counters_are_measured(serve, tmp_path):
    server = (*GUNICORN, "--workers", "4")
    for api in rounds(*serve("client", *server, PROMETHEUS_MULTIPROC_DIR=str(tmp_path)), 3):
        assert api.error_ratio().value == pytest.approx(10.0)
