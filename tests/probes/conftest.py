"""What tests of the probes share: services as a system file declares them, and readings as a reader brings them."""

from __future__ import annotations

import io
import random
import socket
import tarfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import Readings
from drillbook.system.file import AnyService
from drillbook.system.target import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TABLE: TypeAdapter[Any] = TypeAdapter(AnyService)


@pytest.fixture(scope="session")
def a_service() -> Callable[..., Service]:
    """Makes a service from its kind, its address and the keys of its table."""

    def make(kind: str, address: str = "", *, name: str = "backend", monitor: str = "", **declared: Any) -> Service:
        key = {"postgres": {"dsn": {"env": "THE_ADDRESS"}}, "celery": {}, "aws": {}}.get(
            kind, {"url": {"env": "THE_ADDRESS"}}
        )
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


@pytest.fixture(scope="session")
def metered(a_service: Any, a_page: Any, some_readings: Any) -> Callable[..., Http]:
    """Makes the noun of an API from its metrics at either end of an interval: texts, or pages.

    `again` are the pages that were read directly after these two, `earlier` is the one from before `served` endpoints
    were asked.
    """

    def page(body: Any) -> Any:
        return a_page(body) if isinstance(body, str) else body

    def make(
        before: Any,
        after: Any,
        *,
        declared: Any,
        again: Any = None,
        earlier: Any = None,
        served: int = 0,
        seconds: float = 3.0,
    ) -> Http:
        service = a_service("http", "http://api:8000", health={"path": "/health"}, metrics=declared)
        once, twice = again or (None, None)
        known = {"before": page(earlier), "served": served, "again": page(once)}
        facts = {"pages": {"health": a_page("ok")}, "metrics": page(before), **known}
        return Http(service, some_readings(facts, {"metrics": page(after), "again": page(twice)}, seconds=seconds))

    return make


@pytest.fixture(scope="module")
def start_container() -> Iterator[Callable[..., tuple[Any, str]]]:
    """Starts labelled containers on free ports of the loopback; all of them are removed afterwards.

    Gives the container and `127.0.0.1:PORT`; without a `port` nothing is published.
    """
    with containers() as start:
        yield start


@contextmanager
def containers() -> Iterator[Callable[..., tuple[Any, str]]]:
    """What starts containers, which are removed at the end."""
    from drillbook.doctor import engine, images

    client, found, started = engine.connect(), images.environment(), []

    def start(image: str, *command: str, port: int | None = None, **options: Any) -> tuple[Any, str]:
        published = free_port()
        container = client.containers.create(
            found.get(f"DRILLBOOK_IMAGE_{image}", image),
            list(command) or None,
            labels={"drillbook.test": "probes"},
            ports={f"{port}/tcp": ("127.0.0.1", published)} if port else {},
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
def start_prometheus() -> Iterator[Callable[..., str]]:
    """Starts a Prometheus with these files, and what a shell is to do before; gives its `HOST:PORT`, their SELF.

    It shares our network, so that it can scrape what tests serve, and lives as long as the tests do.
    """
    tag = image_of_prometheus()
    with containers() as start_one:

        def start(files: dict[str, str], *flags: str, first: str = "true") -> str:
            address = f"127.0.0.1:{free_port()}"
            own = f"--config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address={address}"
            started = f"{first}; exec prometheus {own} {' '.join(flags)}"
            command = ("sh", "-c", f"until test -f begin; do sleep 0.05; done; {started}")
            container, _ = start_one(tag, *command, network_mode="host")
            files = {name: text.replace("SELF", address) for name, text in files.items()}
            container.put_archive("/prometheus", packed(files | {"begin": ""}))
            return address

        yield start


def image_of_prometheus() -> str:
    """The tag of an image with Prometheus, built once a machine as stand-ins are."""
    from drillbook.doctor import apt, build, engine, images, inputs

    client, folder = engine.connect(), Path(__file__).parent / "images"
    tag = inputs.standin_tag("prometheus", folder)
    if not images.on(client)(tag):
        arguments = {"BASE": images.environment()["DRILLBOOK_IMAGE_REDIS"], **apt.proxies()}
        build.build(client, folder / "prometheus", tag=tag, arguments=arguments)
    client.close()
    return tag


def packed(files: dict[str, str]) -> bytes:
    """These files, as the engine takes them."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text.encode()), 0o644
            tar.addfile(member, io.BytesIO(text.encode()))
    return whole.getvalue()


@pytest.fixture(scope="module")
def start_postgres(start_container: Callable[..., Any], until: Callable[..., None]) -> Callable[[str], tuple[Any, str]]:
    """Starts a PostgreSQL with a database `deals` and has its owner run a script; gives container and `HOST:PORT`."""
    import psycopg

    def start(script: str) -> tuple[Any, str]:
        names = {"POSTGRES_USER": "owner", "POSTGRES_PASSWORD": "owner-password", "POSTGRES_DB": "deals"}
        container, address = start_container("POSTGRES", port=5432, environment=names)

        def is_ready() -> bool:
            try:
                with psycopg.connect(f"postgresql://owner:owner-password@{address}/deals", connect_timeout=2) as owner:
                    owner.execute(script)
                return True
            except psycopg.OperationalError:
                return False

        until(is_ready)
        return container, address

    return start


@pytest.fixture(scope="module")
def start_redis(start_container: Callable[..., Any], until: Callable[..., None]) -> Iterator[Callable[..., Any]]:
    """Starts a Redis with some options; gives its container, its `HOST:PORT` and a client of one's own."""
    import redis

    with ExitStack() as clients:

        def start(*options: str, **how: Any) -> tuple[Any, str, Any]:
            container, address = start_container("REDIS", "redis-server", *options, port=6379)
            host, port = address.split(":")
            direct = clients.enter_context(redis.Redis(host, int(port), **how))

            def is_ready() -> bool:
                try:
                    return bool(direct.ping())
                except redis.ConnectionError:
                    return False

            until(is_ready)
            return container, address, direct

        yield start


@pytest.fixture(scope="session")
def a_port() -> Callable[[], int]:
    """Finds a free port."""
    return free_port


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits until the answer is true; the one place in these tests that sleeps."""

    def wait(is_so: Callable[[], bool], seconds: float = 180.0) -> None:
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
