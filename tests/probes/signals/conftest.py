"""A shop whose numbers are all over the place: a FastAPI application, a PostgreSQL and a Redis, started once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client import Counter as Counted

from drillbook.common.mistakes import Mistakes
from drillbook.probes.measure import Meter, Readings, measure
from drillbook.probes.signal import Asked
from drillbook.system.kinds import kinds
from drillbook.system.library import Library
from drillbook.system.signals import TWICE
from drillbook.system.target import Target, load_target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SYSTEM = """
[system]
name = "shop"
[services.web]
kind = "http"
url = { env = "SHOP_URL" }
health = { path = "/health" }
metrics = { path = "/metrics" }
[services.db]
kind = "postgres"
dsn = { env = "SHOP_DSN" }
deadline = "2s"
[services.keys]
kind = "redis"
url = { env = "SHOP_REDIS" }
[services.prom]
kind = "prometheus"
url = { env = "SHOP_PROMETHEUS" }
deadline = "2s"
[environments.local]
kind = "local"
"""
SCRIPT = """
CREATE ROLE app LOGIN PASSWORD 'app-password'; GRANT ALL ON SCHEMA public TO app;
CREATE TABLE documents (updated_at timestamptz); CREATE TABLE nothing (updated_at timestamptz);
CREATE TABLE jobs (queue text, waiting int); INSERT INTO jobs VALUES ('emails', 3), ('videos', 40);
CREATE SEQUENCE numbers; CREATE SEQUENCE sold; INSERT INTO documents VALUES (now() - interval '2 hours');
CREATE FUNCTION writing() RETURNS int LANGUAGE sql AS 'INSERT INTO jobs VALUES (''x'', 1) RETURNING waiting';
GRANT ALL ON ALL TABLES IN SCHEMA public TO app; GRANT ALL ON SEQUENCE numbers, sold TO app;
"""


@dataclass
class Web:
    """The application: what its pages say, and how often each was asked."""

    url: str = ""
    status: dict[str, Any] = field(default_factory=dict)
    falling: list[int] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)


@pytest.fixture(scope="package")
def running():
    """The application, served by uvicorn; its counter grows by five with each look at the metrics."""
    web, app, registry = Web(), FastAPI(), CollectorRegistry()
    sent = Counted("mails_sent", "Mails that were sent.", ["kind"], registry=registry)
    depth = Gauge("queue_depth", "Jobs that wait.", ["queue", "host"], registry=registry)
    depth.labels("emails", "a").set(7)
    depth.labels("videos", "a").set(70)
    sent.labels("welcome")

    @app.middleware("http")
    async def count(request: Request, call: Any) -> Response:
        web.asked[request.url.path] += 1
        return await call(request)

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "backlog": 12}

    @app.get("/status")
    def status() -> dict[str, Any]:
        return web.status

    @app.get("/falling")
    def falling() -> dict[str, Any]:
        return {"count": web.falling.pop()}

    @app.get("/metrics")
    def metrics() -> Response:
        sent.labels("welcome").inc(5)
        return Response(generate_latest(registry), media_type="text/plain")

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    web.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield web
    server.should_exit = True
    thread.join()


@pytest.fixture
def web(running):
    """The application as it is at first."""
    now = datetime.now(UTC)
    running.status = {
        "platforms": {"twitter": {"success": 97.5}, "reddit": {"success": 40}},
        "queue": {"depth": 17, "jobs": [{"id": 1}, {"id": 2}, {"id": 3}], "empty": []},
        "text": "97.3", "nothing": None, "yes": True, "no": False, "words": "many",
        "cache": {"hits": 30, "all": 40, "none": 0},
        "backup": {
            "at": (now - timedelta(hours=1)).isoformat(),
            "naive": (now - timedelta(hours=1)).replace(tzinfo=None).isoformat(),
            "epoch": time.time() - 60,
            "milliseconds": time.time() * 1000,
        },
    }  # fmt: skip
    running.asked.clear()
    return running


@pytest.fixture(scope="module")
def database(start_postgres):
    """A PostgreSQL with some tables: its container and `HOST:PORT`."""
    return start_postgres(SCRIPT)


@pytest.fixture(scope="module")
def keys(start_redis):
    """A Redis with some keys: its container, `HOST:PORT` and a client."""
    container, address, direct = start_redis(decode_responses=True)
    direct.rpush("emails", "a", "b", "c")
    direct.set("depth", "17")
    direct.set("words", "many")
    direct.set("wordy", "1_000")
    direct.set("long", "9" * 250)
    direct.set("session", "x", ex=500)
    direct.hset("totals", mapping={"paid": "3.5"})
    direct.zadd("due", {"a": 1, "b": 5})
    return container, address, direct


@dataclass
class Reader:
    """Reads signals of the shop: `observed` is what each says by its title, or why it says nothing."""

    root: Path
    environ: dict[str, str]
    text: str = ""

    def target(self, signals: str) -> Target:
        """The shop with these signals."""
        folder = self.root / "systems" / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "system.toml").write_text((self.text or SYSTEM) + signals)
        (folder.parent / "house.toml").write_text("[limits]\n")
        return load_target("shop@local", Library(self.root, self.environ))

    def mistakes(self, signals: str) -> list[str]:
        """What is wrong with these signals, without the file and the line."""
        with pytest.raises(Mistakes) as raised:
            self.target(signals)
        return [line.partition(": ")[2] for line in str(raised.value).splitlines()]

    def readings(self, signals: str) -> tuple[Target, dict[str, Readings]]:
        """The shop, and what was read from the services that the signals are read from."""
        target = self.target(signals)
        return target, measure([one for one in target.services.values() if one.signals], 0.2)

    def observed(self, signals: str) -> dict[str, Any]:
        """The value of each, or the reason why there is none."""
        target, readings = self.readings(signals)
        return {
            f"{name}({one.of})" if one.of else name: one.reason if one.value is None else one.value
            for name, signal in target.limits.signals.by_name.items()
            for one in Asked(self._noun(target, signal.service, readings), signal)
        }

    def grown(self, read: str, meanwhile: Callable[[], object]) -> tuple[float, float]:
        """By how much what is read grew where that happens between the two readings; and in each second of them."""
        signals = "".join(f'[signals."its.{how}"]\nread = {read}\nas = "{how}"\n{HIGH}\n' for how in TWICE)
        target = self.target(signals)
        [service] = [one for one in target.services.values() if one.signals]
        meter = Meter([service], 0.2)
        meter.meanwhile = meanwhile
        noun = kinds()[service.kind].ask(service, readings := meter.measure()[service.name])
        rate, increase = (next(iter(Asked(noun, one))) for one in target.limits.signals.by_name.values())
        assert rate.value == pytest.approx(increase.value / readings.seconds)
        return increase.value, rate.value

    def value(self, read: str, more: str = "") -> Any:
        """What one signal says."""
        return self.observed(f'[signals."a.signal"]\nread = {read}\n{more or HIGH}\n')["a.signal"]

    def _noun(self, target: Target, name: str, readings: dict[str, Readings]) -> Any:
        service = target.services[name]
        return kinds()[service.kind].ask(service, readings[name])


HIGH = 'high = "> 1000"'


@pytest.fixture
def reader(tmp_path):
    """A reader of a shop that nobody has started."""
    nowhere = {"SHOP_URL": "http://127.0.0.1:9", "SHOP_DSN": "postgresql://a@127.0.0.1:9/b"}
    return Reader(tmp_path, {**nowhere, "SHOP_REDIS": "redis://127.0.0.1:9", "SHOP_PROMETHEUS": "http://127.0.0.1:9"})


@pytest.fixture
def of_web(reader, web):
    """A reader of the application."""
    reader.environ["SHOP_URL"] = web.url
    return reader


@pytest.fixture
def of_database(reader, database):
    """A reader of the database."""
    reader.environ["SHOP_DSN"] = f"postgresql://app:app-password@{database[1]}/deals"
    return reader


@pytest.fixture
def of_keys(reader, keys):
    """A reader of the Redis."""
    reader.environ["SHOP_REDIS"] = f"redis://{keys[1]}"
    return reader
