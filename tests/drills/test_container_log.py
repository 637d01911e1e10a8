"""What a container of a small real stack writes: the symptom of a drill, and a signal of what `drillbook up` starts."""

from __future__ import annotations

import shutil

import pytest

pytestmark = pytest.mark.proof

COMPOSE = """
services:
  redis:
    image: ${DRILLBOOK_IMAGE_REDIS:-redis:7}
    command: ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 1s, retries: 30}
  visitor:
    image: ${DRILLBOOK_IMAGE_REDIS:-redis:7}
    entrypoint:
    - sh
    - -c
    - "while true; do redis-cli -h redis ping | grep -q PONG || echo lost hunter2-canary; sleep 0.2; done"
    init: true
    depends_on: {redis: {condition: service_healthy}}
"""
SYSTEM = """
[system]
name = "shop"
[stack]
compose = "compose.yaml"
[stack.addresses]
SHOP_URL = "redis://{redis:6379}/0"
[services.redis]
kind = "redis"
roles = ["broker"]
url = { env = "SHOP_URL" }
[services.visits]
kind = "log"
container = "visitor"
[signals."visits.lost"]
read = { service = "visits", match = "^lost" }
as = "increase"
when_empty = 0
high = "> 0"
[environments.local]
kind = "local"
"""
DRILL = """
from drillbook import Drill
from drillbook.faults import killed
from drillbook.fixes import restart

LOST = Drill(
    runbook="Redis Unreachable", fault=killed("redis"), symptom=("redis.up", "visits.lost"), may=("redis.*",),
    holds=("log.readable",), fix=restart("redis"), detects_within=20, recovers_within=60,
)


def test_lost(rehearse):
    rehearse(LOST)
"""


@pytest.fixture
def small(project):
    """The small system, its drill, and the checks that ask of it."""
    shutil.copytree(project.checkout / "checks", project.root / "checks")
    for path, text in (("compose.yaml", COMPOSE), ("system.toml", SYSTEM)):
        project.write(f"systems/shop/{path}", text)
    project.write("chaos/test_lost.py", DRILL)
    return project


def test_a_drill_sees_what_its_own_container_writes(small):
    ran = small.pytest("chaos", "--target", "shop")
    assert ran.code == 0, ran.said
    judged = {line["verdict"] for line in small.journal() if line.get("name") == "visits.lost"}
    assert judged == {"OK", "BREACHED"}, ran.said
    assert "hunter2-canary" not in ran.said


def test_the_copy_of_drillbook_up_is_read_until_it_is_gone(small):
    try:
        up = small.drillbook("up", "shop")
        assert up.code == 0, up.said
        small.pytest("checks", "--target", "shop@local", "--interval", "0.5")
        assert small.verdicts()["visits.lost"] == small.verdicts()["log.readable"] == "OK"
    finally:
        down = small.drillbook("down", "shop")
    assert down.code == 0, down.said
