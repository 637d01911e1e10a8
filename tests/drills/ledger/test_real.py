"""The real deal-scout: what it acknowledges is there, and still there after its database was killed."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from drillbook.doctor import images
from drillbook.drills.ledger import Ledgers
from drillbook.stack.ports import free_ports
from drillbook.system.library import Library
from drillbook.system.target import load_target

pytestmark = pytest.mark.proof

CHECKOUT = Path(__file__).parents[3]
COMPOSE = CHECKOUT / "systems" / "deal-scout" / "compose.yaml"
PASSWORDS = ("DEAL_SCOUT_POSTGRES_PASSWORD", "DEAL_SCOUT_ADMIN_PASSWORD", "DEAL_SCOUT_MONITOR_PASSWORD")
SERVICES = ("backend", "worker", "postgres", "redis")


class DealScout:
    """A deal-scout of the test's own, on loopback, under a project name of its own."""

    def __init__(self, folder: Path) -> None:
        self.project = f"drillbook-test-ledger-{os.getpid()}"
        self.port = free_ports(1)[0]
        self.passwords = {name: secrets.token_hex(8) for name in PASSWORDS}
        self.override = folder / "override.yaml"
        published = {"services": {"backend": {"ports": [f"127.0.0.1:{self.port}:8000"]}}}
        self.override.write_text(json.dumps(published))  # JSON is YAML

    def compose(self, *words: str) -> str:
        """Runs a compose command on this project."""
        files = ("-f", str(COMPOSE), "-f", str(self.override))
        command = ["docker", "compose", "-p", self.project, *files, *words]
        env = {**os.environ, **images.environment(), **self.passwords}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def target(self):
        """Its target; what the ledgers do not use has addresses that nobody answers."""
        nobody = "postgresql://127.0.0.1:9/deals"
        environ = {
            "DEAL_SCOUT_URL": f"http://127.0.0.1:{self.port}",
            "DEAL_SCOUT_DATABASE_URL": nobody,
            "DEAL_SCOUT_MONITOR_URL": nobody,
            "DEAL_SCOUT_REDIS_URL": "redis://127.0.0.1:9",
            "DEAL_SCOUT_NODE_URL": "http://127.0.0.1:9",
        }
        return load_target("deal-scout@drill", Library(CHECKOUT, environ))


@pytest.fixture(scope="module")
def deal_scout(tmp_path_factory):
    """A deal-scout, removed at the end."""
    stack = DealScout(tmp_path_factory.mktemp("deal-scout"))
    try:
        stack.compose("up", "--detach", "--wait", *SERVICES)
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "3")


def test_five_seconds_of_orders_and_jobs_are_all_there(deal_scout):
    with Ledgers(deal_scout.target(), "quiet") as ledgers:
        time.sleep(5)
    found = ledgers.account()
    assert found["orders"].acknowledged == ledgers.counts()["orders"]["ok"] >= 24
    assert found["jobs"].acknowledged == ledgers.counts()["jobs"]["ok"] >= 9
    for one in found.values():
        assert (one.verdict, one.lost, one.maybe, one.failed, one.duplicates) == ("OK", [], 0, 0, 0)
    reads = [one for one in ledgers.traffic.samples() if one.kind == "read"]
    assert len(reads) >= 24
    assert all(one.ok for one in reads)


def test_no_acknowledged_order_is_lost_when_postgres_is_killed(deal_scout):
    with Ledgers(deal_scout.target(), "killed") as ledgers:
        assert ledgers.wait_for(5, within=60)
        deal_scout.compose("kill", "postgres")
        time.sleep(2)
        deal_scout.compose("start", "postgres")
        assert ledgers.wait_for(5, within=60, beyond=ledgers.counts())
        running = ledgers.account()["orders"]
    found = ledgers.account()
    assert (running.verdict, found["orders"].verdict, found["jobs"].verdict) == ("OK", "OK", "OK")
    assert running.lost == found["orders"].lost == found["jobs"].lost == []
    assert found["orders"].maybe + found["orders"].failed > 0
    assert sum(second["errors"] for second in ledgers.traffic.seconds()) > 0


def hurried(target):
    """The target, whose jobs are given up for lost after 6 s."""
    jobs = target.system.ledgers["jobs"].model_copy(update={"settles": "6s"})
    ledgers = {**target.system.ledgers, "jobs": jobs}
    return replace(target, system=target.system.model_copy(update={"ledgers": ledgers}))


def test_jobs_that_redis_took_along_are_counted(deal_scout):
    with Ledgers(hurried(deal_scout.target()), "along") as ledgers:
        deal_scout.compose("kill", "worker")
        assert ledgers.wait_for(4, within=60, beyond=ledgers.counts())
        deal_scout.compose("kill", "redis")
        deal_scout.compose("start", "redis", "worker")
        assert ledgers.wait_for(4, within=60, beyond=ledgers.counts())
    found = ledgers.account()
    assert (found["jobs"].verdict, found["orders"].verdict, found["orders"].lost) == ("OK", "OK", [])
    assert 4 <= len(found["jobs"].lost) < found["jobs"].acknowledged
    assert 'lost, which "Redis Unreachable" accepts' in found["jobs"].verdict_words


def test_orders_that_the_database_forgets_are_lost(deal_scout):
    with Ledgers(deal_scout.target(), "forgetful") as ledgers:
        assert ledgers.wait_for(5, within=60)
    forget = "DELETE FROM orders WHERE key LIKE 'forgetful-%-00000_'"
    deal_scout.compose("exec", "-T", "postgres", "psql", "-U", "postgres", "-d", "deals", "-c", forget)
    found = ledgers.account(within=5)["orders"]
    assert (found.verdict, len(found.lost)) == ("BREACHED", 9)
