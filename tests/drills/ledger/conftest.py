"""A shop that can be told to misbehave in every way that a ledger must see through, and a target for it."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from drillbook.common.polling import until
from drillbook.drills.ledger import Ledgers
from drillbook.system.library import Library
from drillbook.system.target import load_target

SYSTEM = """
[system]
name = "shop"
[runbook]
title = "Shop"
sections = ["Outage"]
[services.web]
kind = "http"
url = { env = "SHOP_URL" }
endpoints.deals = { path = "/deals", json = "$.deals" }
[ledgers.orders]
write = { service = "web", path = "/orders", json = { buyer = "drillbook" }, acknowledged = [200, 201], every = "20ms" }
read = { path = "/orders?since={since}", items = "$.orders", times = "times" }
keeps = true
[environments.staging]
kind = "staging"
[environments.local]
kind = "local"
"""


class Shop:
    """A real HTTP server. `plan` maps the number of a write to how it goes wrong; `rows` is what it keeps."""

    def __init__(self) -> None:
        self.plan: dict[int, str] = {}
        self.rows: list[dict[str, object]] = []
        self.asked: list[tuple[float, str]] = []
        self.thawed = threading.Event()
        self.thawed.set()
        self.listing = 200
        self.wants: dict[str, str] = {}  # headers, without which nobody is let in but to log in
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def keep(self, key: str) -> None:
        """Commits one row."""
        with self.lock:
            self.rows.append({"id": len(self.rows) + 1, "key": key, "times": 1})

    def page(self, since: int) -> list[dict[str, object]]:
        """The next seven rows: few enough that every reading has several pages."""
        with self.lock:
            return self.rows[since : since + 7]

    def close(self) -> None:
        """Ends it; its port refuses from then on."""
        self.server.shutdown()
        self.server.server_close()

    def handler(shop) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        """The class that answers requests."""

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Says nothing."""

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                with shop.lock:
                    shop.asked.append((time.monotonic(), asked.path))
                shop.wait()
                if not self.is_let_in() or (
                    asked.path == "/deals" and self.headers["X-Tenant"] != shop.wants.get("X-Tenant")
                ):
                    return self.answer(401, {})
                if asked.path == "/deals":
                    return self.answer(200, {"deals": [1]})
                return self.answer(shop.listing, {"orders": shop.page(int(parse_qs(asked.query)["since"][0]))})

            def is_let_in(self) -> bool:
                return self.headers["Authorization"] == shop.wants.get("Authorization")

            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/login":
                    return self.answer(200, {"token": "of-a-client"})
                if not self.is_let_in():
                    return self.answer(401, {})
                key = told["key"]
                with shop.lock:
                    shop.asked.append((time.monotonic(), key))
                shop.wait()
                return shop.deal(self, key, shop.plan.get(int(key.rpartition("-")[2]), "kept"))

            def answer(self, status: int, body: object, *, half: bool = False) -> None:
                raw = json.dumps(body).encode()
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(raw)))
                    self.end_headers()
                    self.wfile.write(raw[: len(raw) // 2] if half else raw)

        return Handler

    def wait(self) -> None:
        """Stands still while it is frozen."""
        self.thawed.wait(60)

    @contextmanager
    def frozen(self):
        """Answers nobody meanwhile."""
        self.thawed.clear()
        try:
            yield
        finally:
            self.thawed.set()

    def deal(self, handler, key: str, how: str) -> None:
        """Goes wrong as planned."""
        if how not in ("lost", "refused", "dropped undone"):
            self.keep(key)
        if how == "twice":
            self.keep(key)
        if how == "invents":
            self.keep(f"{key}-invented")
        if how == "cut short":
            self.rows[-1]["key"] = key[:-1]
        if how == "late":
            time.sleep(2.5)
        if how in ("dropped done", "dropped undone"):
            return handler.connection.shutdown(socket.SHUT_RDWR)
        status = {"500 done": 500, "refused": 422, "denied": 422}.get(how, 201)
        return handler.answer(status, {"order": key}, half=how == "half an answer")


@pytest.fixture
def shop():
    """A shop, closed at the end."""
    started = Shop()
    yield started
    started.close()


@pytest.fixture
def target_of(tmp_path, pytestconfig):
    """Loads a target of an edited copy of the system file above."""

    def load(url, *edits, name="shop@drill"):
        text = SYSTEM
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "systems" / "shop").mkdir(parents=True, exist_ok=True)
        (tmp_path / "systems" / "shop" / "system.toml").write_text(text)
        house = (pytestconfig.rootpath / "systems" / "house.toml").read_text()
        (tmp_path / "systems" / "house.toml").write_text(house)
        return load_target(name, Library(tmp_path, {"SHOP_URL": url}))

    return load


@pytest.fixture
def ledgers_of(target_of):
    """Ledgers of the shop at an address, stopped at the end."""
    made = []

    def make(url, *edits, **options):
        made.append(Ledgers(target_of(url, *edits), "a-run", **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def accounted(shop, ledgers_of):
    """Lets the shop take so many orders as planned, and gives the account of them."""

    def run(plan, *edits, writes=20):
        shop.plan = plan
        ledgers = ledgers_of(shop.url, *edits)
        ledgers.start()
        assert until(lambda: sum(ledgers.counts()["orders"].values()) >= writes, within=60)
        ledgers.stop()
        return ledgers.account()["orders"]

    return run
