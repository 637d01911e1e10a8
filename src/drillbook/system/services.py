"""The services of a system: one model per kind, and the pages, metrics and endpoints that they declare."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from drillbook.limit import duration
from drillbook.system.strict import JsonCondition, JsonPath, Name, Path_, Strict


class Reference(Strict):
    """An address or a secret, by the name of the environment variable that holds it."""

    env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    prefix: str = ""


class Page(Strict):
    """A path that is asked with GET, the status that is right, and perhaps what the JSON must say."""

    path: Path_
    expect: int = 200
    up: JsonCondition | None = None


class Health(Page):
    """The health page: `up` is what it says of itself, `parts` what it says of each thing it depends on."""

    parts: dict[Name, JsonCondition] = {}


class Pool(Strict):
    """The gauges of the service's own database connection pool: connections in use, and how many there can be."""

    in_use: str
    size: str


class Metrics(Strict):
    """Where the service's metrics are and what they are called.

    `requests` is the counter of requests with a label `status` that holds the status code, `latency` the
    histogram of their duration in seconds. Series that carry one of the label values in `ignore` are not users'
    traffic (health checks, the metrics page itself). With `format = "json"` names are paths (`$.requests`),
    `errors` is the counter of failed requests and `p95` a gauge in milliseconds.
    """

    path: Path_ = "/metrics"
    format: Literal["prometheus", "json"] = "prometheus"
    requests: str | None = None
    latency: str | None = None
    status: str = "status"
    errors: str | None = None
    p95: str | None = None
    ignore: dict[str, list[str]] = {}
    pool: Pool | None = None


class Endpoint(Page):
    """Something users ask for. With `json`, the list found there must have `at_least` items."""

    json_: JsonPath | None = Field(default=None, alias="json")
    at_least: int = 1


class Service(Strict):
    """What every kind of service can say of itself."""

    roles: list[Name] = []
    budget: str | None = None
    deadline: str = "3s"

    @field_validator("deadline")
    @classmethod
    def _is_duration(cls, value: str) -> str:
        duration(value)
        return value

    @field_validator("budget")
    @classmethod
    def _is_rate(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+/(s|min|h)", value):
            raise ValueError('write how often the service may be asked as "60/min", "5/s" or "100/h"')
        return value

    @property
    def seconds(self) -> float:
        """How long one probe of this service may take, in seconds."""
        return duration(self.deadline)


class HttpService(Service):
    """A service that speaks HTTP."""

    kind: Literal["http"]
    url: Reference
    headers: dict[str, Reference] = {}
    ready: Page | None = None
    health: Health | None = None
    metrics: Metrics | None = None
    endpoints: dict[Name, Endpoint] = {}


class ExpectedDatabase(Strict):
    """What the right server says of itself."""

    database: str


class PostgresService(Service):
    """A PostgreSQL server: `dsn` logs in as the application does, `monitor` as a role that may see all sessions."""

    kind: Literal["postgres"]
    dsn: Reference
    monitor: Reference | None = None
    expect: ExpectedDatabase | None = None


class RedisService(Service):
    """A Redis server."""

    kind: Literal["redis"]
    url: Reference


class CeleryService(Service):
    """A Celery application, seen through its broker: `broker` names the redis service, `queues` its queues."""

    kind: Literal["celery"]
    broker: Name
    queues: list[str] = Field(default=["celery"], min_length=1)


class HostService(Service):
    """A machine, seen through its node_exporter; `mounts` are the file systems that matter."""

    kind: Literal["host"]
    url: Reference
    mounts: list[Path_] = Field(default=["/"], min_length=1)


AnyService = Annotated[
    HttpService | PostgresService | RedisService | CeleryService | HostService, Field(discriminator="kind")
]
