"""A system file: what a runbook says, as data. Strict: what is not understood is refused, never ignored.

One model per table of `systems/NAME/system.toml`. `read_system` gives the file as a `System`, or all of its
mistakes at once.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator, model_validator

from drillbook.limit import HOUSE, Limit, duration, ladder
from drillbook.mistakes import Mistakes
from drillbook.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Path_ = Annotated[str, Field(pattern=r"^/\S*$")]
VolumeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Size = Annotated[str, Field(pattern=r"^[1-9]\d*[km]$")]
JsonPath = Annotated[str, Field(pattern=r"^\$(\.\w+|\[\d+\])*$")]
JsonCondition = Annotated[str, Field(pattern=r"^\$(\.\w+|\[\d+\])*( == ('[^']*'|true|false|-?\d+(\.\d+)?))?$")]


class Strict(BaseModel):
    """Refuses unknown keys, converts nothing silently, and never shows an input in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


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


class LimitTable(Strict):
    """A limit as TOML writes it. `own` declares a name that only a check of this system's own judges."""

    unit: str = ""
    low: str | None = None
    medium: str | None = None
    high: str | None = None
    critical: str | None = None
    for_: str | None = Field(default=None, alias="for")
    from_: str = Field(default=HOUSE, alias="from")
    own: bool = False

    @model_validator(mode="after")
    def _is_a_limit(self) -> LimitTable:
        self.named("")
        return self

    def named(self, name: str) -> Limit:
        """The limit itself, called `name`; ValueError where the ladder or the window makes no sense."""
        stated = {severity: getattr(self, severity.word) for severity in Severity}
        rungs = ladder({severity: condition for severity, condition in stated.items() if condition is not None})
        return Limit(name, rungs, self.unit, duration(self.for_) if self.for_ else 0.0, self.from_)


class Runbook(Strict):
    """Where the figures come from: the document's title and the titles of its sections."""

    title: str
    sections: list[str]


class Call(Strict):
    """Whom a severity calls, and by when it is answered and solved."""

    respond: str
    resolve: str
    call: str


class Environment(Strict):
    """One place where the system runs. `drill` is no such kind: drills make their own."""

    kind: Literal["local", "staging", "production"]


class Trouble(Strict):
    """What misbehaves on request, in a drill alone: only a drill makes the token, and gives it to the compose file.

    `token` is the compose file's variable for it, `header` where each call to `service` carries it. POST to `leak`
    with `{"connections": N}` leaks so many transactions, DELETE of `off` ends all trouble.
    """

    service: Name
    token: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
    leak: Path_
    off: Path_


class Stack(Strict):
    """How `drillbook up` starts the system: its compose file, the secrets to make, the addresses that result.

    In `addresses`, `{backend:8000}` stands for where that port of that compose service was published, and
    `{NAME}` for the secret of that name. `volumes` are those that a drill bounds, with their sizes, so that they can
    be filled: `pgdata = "192m"`.
    """

    compose: str
    secrets: list[str] = []
    addresses: dict[str, str] = {}
    volumes: dict[VolumeName, Size] = {}
    trouble: Trouble | None = None

    @model_validator(mode="after")
    def _has_no_trouble_without_a_drill(self) -> Stack:
        if self.trouble and self.trouble.token in self.secrets:
            raise ValueError(f"{self.trouble.token} is for drills only: leave it out of stack.secrets")
        return self


class LedgerWrite(Strict):
    """What clients write: `json` with a unique `key` of each write's own, sent with POST `every` so often.

    `acknowledged` are the statuses that promise it was done, `refused` those that promise it was not: where they
    are not given, every 4xx but 408 and 409. Any other answer leaves open what happened.
    """

    service: Name
    path: Path_
    json_: dict[str, JsonValue] = Field(alias="json")
    key: str = "key"
    acknowledged: list[Annotated[int, Field(ge=200, le=299)]] = Field(min_length=1)
    refused: list[Annotated[int, Field(ge=400, le=599)]] | None = None
    every: str = "200ms"

    @field_validator("every")
    @classmethod
    def _is_often(cls, value: str) -> str:
        if duration(value) < 0.01:
            raise ValueError("writes at most once every 10ms")
        return value


class LedgerRead(Strict):
    """Where the same service lists what it has: the list at `items`, each with its `id` and the client's `key`.

    A path with `{since}` is asked page after page, oldest first, each time for what comes after the last id.
    `times` is the field that counts how often an item was done, where there is one.
    """

    path: Path_
    items: JsonPath
    id: str = "id"
    key: str = "key"
    times: str | None = None


class Ledger(Strict):
    """What is acknowledged to clients during a drill, and read back: it keeps all of it, or it may lose some.

    `may_lose` is the title of the runbook's section that accepts the loss. `settles` is how long what was
    acknowledged may take until it can be read, redeliveries included.
    """

    write: LedgerWrite
    read: LedgerRead
    keeps: bool = False
    may_lose: str | None = None
    settles: str = "0s"

    @field_validator("settles")
    @classmethod
    def _is_duration(cls, value: str) -> str:
        duration(value)
        return value


class About(Strict):
    """The table `[system]`."""

    name: Name
    about: str = ""


class System(Strict):
    """A whole system file."""

    system: About
    runbook: Runbook | None = None
    services: dict[Name, AnyService] = Field(min_length=1)
    limits: dict[str, LimitTable] = {}
    escalation: dict[Literal["low", "medium", "high", "critical"], Call] = {}
    environments: dict[Name, Environment] = {}
    ledgers: dict[Name, Ledger] = {}
    stack: Stack | None = None


class House(Strict):
    """`house.toml`: the limits that no runbook states. A `*` stands for any endpoint or part."""

    limits: dict[str, LimitTable]


def read_system(path: Path) -> System:
    """The system file at `path`; Mistakes lists everything that is wrong with it."""
    return _read(path, System)


def read_house(path: Path) -> House:
    """The house defaults at `path`; Mistakes lists everything that is wrong with them."""
    return _read(path, House)


def ledger_mistakes(system: System) -> Iterator[str]:
    """One line for each ledger that names what the file does not have, or does not say what it may lose."""
    sections = system.runbook.sections if system.runbook else None
    for name, ledger in system.ledgers.items():
        if getattr(system.services.get(ledger.write.service), "kind", "") != "http":
            yield f"ledgers.{name}.write.service: {ledger.write.service!r} is no http service of this file"
        if ledger.write.key in ledger.write.json_:
            yield f"ledgers.{name}.write.json: leave {ledger.write.key!r} out: each write gets its own"
        if both := set(ledger.write.acknowledged) & set(ledger.write.refused or []):
            yield f"ledgers.{name}.write: {sorted(both)} cannot be both acknowledged and refused"
        if ledger.keeps is bool(ledger.may_lose):
            yield f'ledgers.{name}: say either keeps = true or may_lose = "the section that accepts the loss"'
        if ledger.may_lose and sections is not None and ledger.may_lose not in sections:
            yield f"ledgers.{name}.may_lose: {ledger.may_lose!r} is not among runbook.sections"


def _read(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Mistakes([f"{path}: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Mistakes([f"{path}: is not TOML: {error}"]) from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise Mistakes([f"{path}: {_line(detail)}" for detail in details]) from None


def _line(detail: ErrorDetails) -> str:
    where = [str(part) for part in detail["loc"]]
    if where[:1] == ["services"] and len(where) > 3:
        del where[2]  # pydantic puts the kind there, which nobody wrote
    return f"{'.'.join(where)}: {_words(detail)}"


def _words(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown key"
    if detail["type"] in ("model_type", "model_attributes_type") and detail["ctx"].get("class_name") == "Reference":
        return 'addresses and secrets are given by reference only: write { env = "NAME_OF_THE_VARIABLE" }'
    return detail["msg"].removeprefix("Value error, ")
