"""A shop that can be sabotaged: a real HTTP server on loopback that answers, or misbehaves, as it is told."""

from __future__ import annotations

import gzip
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SYSTEM = """
[system]
name = "shop"
[services.web]
kind = "http"
roles = ["api"]
url = { env = "SHOP_URL" }
headers = { Authorization = { env = "SHOP_TOKEN", prefix = "Bearer " } }
deadline = "5s"
samples = 1
ready = { path = "/ready" }
health = { path = "/health", up = "$.status == 'healthy'", parts = { cache = "$.cache" } }
endpoints.items = { path = "/items", json = "$.items", at_least = 1 }
[services.web.metrics]
requests = "requests_total"
latency = "request_seconds"
ignore = { path = ["/metrics"] }
pool = { in_use = "pool_in_use", size = "pool_size" }
[environments.local]
kind = "local"
"""
CHECKS = '''
"""The shop: is it up, right and quick?"""


def test_up(api, judge):
    judge("api.up", api.answers())
    judge("api.ready", api.ready())
    judge("api.healthy", api.healthy())


def test_part(api, part, judge):
    judge(f"health.{part}", api.part(part))


def test_items(api, endpoint, judge):
    judge(f"{endpoint}.ok", api.serves(endpoint))
    judge(f"{endpoint}.latency", api.latency(endpoint))


def test_errors(api, judge):
    judge("api.errors", api.error_ratio())


def test_p95(api, judge):
    judge("api.p95", api.p95())


def test_pool(api, judge):
    judge("pool.used", api.pool_used())
'''
METRICS = """\
# TYPE requests_total counter
requests_total{{path="/items",status="200"}} {served}
requests_total{{path="/items",status="500"}} 0
requests_total{{path="/metrics",status="200"}} {own}
# TYPE request_seconds histogram
request_seconds_bucket{{path="/items",le="0.1"}} {served}
request_seconds_bucket{{path="/items",le="1.0"}} {served}
request_seconds_bucket{{path="/items",le="+Inf"}} {served}
request_seconds_sum{{path="/items"}} {took}
request_seconds_count{{path="/items"}} {served}
# TYPE pool_in_use gauge
pool_in_use 2
# TYPE pool_size gauge
pool_size 10
"""


@dataclass
class Answer:
    """What the server says to one path."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    zipped: bool = False


@dataclass
class Shop:
    """The shop's answers by path; `metrics` is filled in with counters that grow while `visitors` is true."""

    url: str
    server: ThreadingHTTPServer
    answers: dict[str, Answer] = field(default_factory=dict)
    metrics: str = METRICS
    visitors: bool = True
    dead: bool = False  # its counters do not count what we ask for
    served: int = 1000
    counted: int = 0
    token: str = "t0ken-of-the-shop"
    asked: list[str] = field(default_factory=list)

    def say(self, path: str, body: object, status: int = 200, **how: object) -> None:
        """Answers `path` with `body`: text as it is, anything else as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {} if isinstance(body, str) else {"Content-Type": "application/json"}
        self.answers[path] = Answer(text, status, **{"headers": headers, **how})

    def answer(self, path: str, authorization: str | None) -> Answer:
        """The answer to one GET."""
        self.asked.append(path)
        if authorization != f"Bearer {self.token}":
            return Answer("who are you?", 401)
        if path == "/metrics" and path not in self.answers:
            self.served += 50 if self.visitors else 0
            self.served += 0 if self.dead else self.asked.count("/items") - self.counted
            self.counted = self.asked.count("/items")
            return Answer(self.metrics.format(served=self.served, own=len(self.asked), took=self.served * 0.02))
        return self.answers.get(path, Answer("no such page", 404))


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's shop."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        answer = self.server.shop.answer(self.path, self.headers["Authorization"])
        time.sleep(answer.wait)
        body = gzip.compress(answer.body.encode()) if answer.zipped else answer.body.encode()
        headers = {**answer.headers, **({"Content-Encoding": "gzip"} if answer.zipped else {})}
        self.send_response(answer.status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        """A login: the token."""
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"token": self.server.shop.token}).encode()
        self.send_response(200 if told == {"name": "checker"} else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


@contextmanager
def running():
    """A running, healthy shop."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.shop = Shop(f"http://127.0.0.1:{server.server_port}", server)
    server.shop.say("/health", {"status": "healthy", "cache": True})
    server.shop.say("/ready", {})
    server.shop.say("/items", {"items": [1, 2, 3]})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.shop
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def shop():
    """A running, healthy shop."""
    with running() as found:
        yield found


@pytest.fixture
def shop_project(project, shop):
    """A project that checks the shop."""
    project.write("systems/shop/system.toml", SYSTEM)
    project.write("checks/test_shop.py", CHECKS)
    project.environ |= {"SHOP_URL": shop.url, "SHOP_TOKEN": shop.token}
    return project


@pytest.fixture
def mall(shop_project):
    """Another running, healthy shop, which is a system of its own in the same project."""
    with running() as found:
        found.token = "9137-quite-another-key"
        its = SYSTEM.replace('"shop"', '"mall"').replace("SHOP_", "MALL_")
        shop_project.write("systems/mall/system.toml", its)
        shop_project.environ |= {"MALL_URL": found.url, "MALL_TOKEN": found.token}
        yield found
