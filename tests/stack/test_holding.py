"""What is in a volume in memory is there when the only service that has it comes back, as it would be from a disk."""

from __future__ import annotations

import os
import secrets

import pytest

from drillbook.common.polling import until
from drillbook.stack import compose, holding
from drillbook.stack.drill import Berth, start_stack
from drillbook.system.library import Library

SYSTEM = """
[system]
name = "shop"
[services.redis]
kind = "redis"
url = { env = "SHOP_REDIS" }
[environments.local]
kind = "local"
[stack]
compose = "compose.yaml"
[stack.addresses]
SHOP_REDIS = "redis://{redis:6379}/0"
[stack.volumes]
data = "16m"
"""
COMPOSE = """
services:
  redis:
    image: ${DRILLBOOK_IMAGE_REDIS:-redis:7}
    command: redis-server --bind 0.0.0.0 --protected-mode no --dir /data --appendonly yes --appendfsync always
    volumes: ["data:/data"]
volumes:
  data:
"""


@pytest.fixture
def started(project, tmp_path):
    """Starts the stack of a drill, which is removed at the end; gives the handle of its Redis."""
    run = f"test-holding-{os.getpid()}-{secrets.token_hex(3)}"
    project.write("systems/shop/system.toml", SYSTEM)
    project.write("systems/shop/compose.yaml", COMPOSE)
    berth = Berth(run, {"drillbook": run}, tmp_path / "run")
    try:
        yield lambda: start_stack(Library(project.root, {}), "shop", berth, print).handle("redis")
    finally:
        compose.remove(run)


def ask(redis, *words):
    return redis.execute(["redis-cli", *words])[1].strip()


def left_by_a_kill(redis):
    """What was acknowledged, as Redis knows it once it was killed and answers again."""
    assert ask(redis, "SET", "order", "paid") == "OK"
    redis.kill()
    redis.start()
    assert until(lambda: ask(redis, "PING") == "PONG", within=60)
    return ask(redis, "GET", "order")


def test_what_was_acknowledged_survives_a_kill(started):
    assert left_by_a_kill(started()) == "paid"


def test_where_nobody_held_it_it_would_be_lost(started, monkeypatch):
    monkeypatch.setattr(holding, "alone", lambda *_: [])
    assert left_by_a_kill(started()) == ""
