"""The nouns that checks speak of, one fixture each: `api`, `database`, `redis`, `queue`, `host`.

A check that asks for `endpoint`, `part` or `mount` runs once for each that the system declares. A noun that the
system has no service for is skipped, which the report lists as not covered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drillbook.probes.celery import Queue
from drillbook.probes.host import Host
from drillbook.probes.http import Http
from drillbook.probes.postgres import Postgres
from drillbook.probes.redis import Redis

if TYPE_CHECKING:
    from drillbook.plugin.measuring import Measuring
    from drillbook.probes.measure import Readings
    from drillbook.target import Service, Target

MEASURING: pytest.StashKey[Measuring] = pytest.StashKey()
TARGET: pytest.StashKey[Target] = pytest.StashKey()
KINDS = {"api": "http", "database": "postgres", "redis": "redis", "queue": "celery", "host": "host"}


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Http:
    """The service that users talk to: the one with the role `api`."""
    return Http(*_read(request, "http", "api"))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Postgres:
    """The PostgreSQL server."""
    return Postgres(*_read(request, "postgres"))


@pytest.fixture
def redis(request: pytest.FixtureRequest) -> Redis:
    """The Redis server."""
    return Redis(*_read(request, "redis"))


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> Queue:
    """Celery's queues, seen through the broker."""
    return Queue(*_read(request, "celery"))


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Host:
    """The machine, seen through its node_exporter."""
    return Host(*_read(request, "host"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a check once for each endpoint, part of the health page or mount that the system declares."""
    target = metafunc.config.stash[TARGET]
    for name, declared in _declared(target).items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, declared or [_none(target, name)])


def _declared(target: Target) -> dict[str, list[str]]:
    api, host = target.of_kind("http", "api"), target.of_kind("host")
    health = getattr(api.declared, "health", None) if api else None
    return {
        "endpoint": list(getattr(api.declared, "endpoints", ())) if api else [],
        "part": list(health.parts) if health else [],
        "mount": list(getattr(host.declared, "mounts", ())) if host else [],
    }


def _none(target: Target, name: str) -> object:
    reason = f"{target.system.system.name} declares no {name}"
    return pytest.param("", id="none", marks=pytest.mark.skip(reason=reason))


def _read(request: pytest.FixtureRequest, kind: str, role: str = "") -> tuple[Service, Readings]:
    target = request.config.stash[TARGET]
    service = target.of_kind(kind, role)
    if service is None:
        pytest.skip(f"{target.system.system.name} has no {kind} service")
    return service, request.config.stash[MEASURING].of(service)
