"""What tests of the probes share: services as a system file declares them, and readings as a reader brings them."""

from __future__ import annotations

import random
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from drillbook.probes.measure import Readings
from drillbook.system import AnyService
from drillbook.target import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TABLE: TypeAdapter[Any] = TypeAdapter(AnyService)


@pytest.fixture(scope="session")
def a_service() -> Callable[..., Service]:
    """Makes a service from its kind, its address and the keys of its table."""

    def make(kind: str, address: str = "", *, name: str = "backend", monitor: str = "", **declared: Any) -> Service:
        key = {"postgres": {"dsn": {"env": "THE_ADDRESS"}}, "celery": {}}.get(kind, {"url": {"env": "THE_ADDRESS"}})
        return Service(name, _TABLE.validate_python({"kind": kind, **key, **declared}), address, monitor)

    return make


@pytest.fixture(scope="session")
def a_page() -> Callable[..., dict[str, Any]]:
    """Makes a page as its reader brings it home."""

    def make(body: str = "", *, status: int = 200, error: dict[str, str] | None = None) -> dict[str, Any]:
        return {"status": status, "body": body, "took": 0.01, "by": "10.0.0.7:8000", "error": error}

    return make


@pytest.fixture(scope="session")
def some_readings() -> Callable[..., Readings]:
    """Makes readings whose counters are 3 seconds apart."""

    def make(first: dict[str, Any], second: dict[str, Any] | None = None, *, seconds: float = 3.0) -> Readings:
        return Readings(first, second or {}, seconds, 1)

    return make


@pytest.fixture(scope="module")
def start_container() -> Iterator[Callable[..., tuple[Any, str]]]:
    """Starts labelled containers on free ports of the loopback; all of them are removed afterwards.

    Gives the container and `127.0.0.1:PORT`, once that port accepts a connection.
    """
    from drillbook.doctor import engine, images

    client, found, started = engine.connect(), images.environment(), []

    def start(image: str, *command: str, port: int, **options: Any) -> tuple[Any, str]:
        published = free_port()
        container = client.containers.create(
            found[f"DRILLBOOK_IMAGE_{image}"],
            list(command) or None,
            labels={"drillbook.test": "probes"},
            ports={f"{port}/tcp": ("127.0.0.1", published)},
            **options,
        )
        started.append(container)
        container.start()
        return container, f"127.0.0.1:{published}"

    try:
        yield start
    finally:
        for container in started:
            container.remove(force=True, v=True)
        client.close()


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits until the answer is true; the one place in these tests that sleeps."""

    def wait(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, f"{is_so} did not become true"
            time.sleep(0.05)

    return wait


def free_port() -> int:
    """A port below the ephemeral range: no outgoing connection takes it while its container is stopped."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", random.randint(20_000, 30_000)))
            return int(probe.getsockname()[1])
