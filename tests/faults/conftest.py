"""A real deal-scout as a drill starts it: one stack for all of these tests, removed at the end."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import httpx
import pytest

from drillbook.common.polling import until
from drillbook.stack import compose
from drillbook.stack.drill import Berth, start_stack
from drillbook.system.library import Library

if TYPE_CHECKING:
    from drillbook.stack.handle import Running

CHECKOUT = Path(__file__).parents[2]


@dataclass
class Shop:
    """The stack of a drill and its API."""

    running: Running
    api: httpx.Client

    def is_ready(self) -> bool:
        """Whether the API calls itself ready; False while it does not answer."""
        try:
            return self.api.get("/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def becomes_ready(self, within: float = 30) -> bool:
        """Whether it is ready within so many seconds."""
        return until(self.is_ready, within=within)

    def order(self) -> str:
        """Places an order; its key where it was acknowledged, or nothing."""
        key = secrets.token_hex(8)
        try:
            answer = self.api.post("/orders", json={"deal_id": 1, "buyer": "a test", "key": key})
        except httpx.HTTPError:
            return ""
        return key if answer.status_code == 201 else ""

    def orders(self) -> set[str]:
        """The keys of all orders that can be read."""
        found, since = set(), 0
        while page := self.api.get("/orders", params={"since": since, "limit": 1000}).json()["orders"]:
            found |= {order["key"] for order in page}
            since = page[-1]["id"]
        return found

    def state(self, service: str) -> str:
        """The state of a service's container."""
        return self.running.handle(service).state()

    def identity(self, service: str) -> tuple[str, str]:
        """Which container it is, and when it was last started."""
        found = self.running.handle(service).inspect()
        return found["Id"], found["State"]["StartedAt"]


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The stack; its containers, networks and volumes are removed at the end, whatever happened."""
    run = f"test-faults-{os.getpid()}-{secrets.token_hex(3)}"
    try:
        berth = Berth(run, {"drillbook": run}, tmp_path_factory.mktemp("stack"))
        running = start_stack(Library(CHECKOUT, environ={}), "deal-scout", berth, print)
        address = running.target.services["backend"].address
        with httpx.Client(base_url=address, timeout=10, trust_env=False) as api:
            yield Shop(running, api)
    finally:
        compose.remove(run)


@pytest.fixture
def whole(shop):
    """Before and after each test the stack is ready: a test that breaks it mends it."""
    assert shop.becomes_ready()
    yield shop
    assert shop.becomes_ready(), {name: shop.state(name) for name in ("backend", "postgres", "redis")}


@pytest.fixture(scope="session")
def engine():
    """The local engine."""
    client = docker.from_env()
    yield client
    client.close()
