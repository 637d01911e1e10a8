"""Where a service's metrics are and what they are called: a page of Prometheus text or JSON, or a Prometheus server."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from drillbook.probes.http.figures.units import Unit, unit_in
from drillbook.probes.http.pages import Asked
from drillbook.system.strict import JsonPath, Name, Path_, Strict, mistake

KEYS = {
    "Prometheus text": (
        "path",
        "headers",
        "deadline",
        "requests",
        "latency",
        "status",
        "ignore",
        "pool",
        "unit",
        "across",
    ),
    "JSON": ("path", "headers", "deadline", "requests", "errors", "p95", "pool", "unit", "across"),
    "a Prometheus server": ("server", "up", "rate", "errors", "p95", "pool", "unit"),
}
_PATH: TypeAdapter[str | None] = TypeAdapter(JsonPath | None)


class Pool(Strict):
    """The gauges of the service's own database connection pool: connections in use, and how many there can be."""

    in_use: str
    """What counts those in use."""
    size: str
    """What says how many there can be."""


class Metrics(Asked):
    """Where figures of the service's traffic are, and what they are called: on a page of Prometheus text; on a page of
    JSON (`format = "json"`), where names are paths; or in a Prometheus (`from = "prometheus"`), where they are PromQL.

    Prometheus text has `requests`, `latency`, `status`, `ignore` and `pool`; JSON has `requests`, `errors`, `p95` and
    `pool`; a Prometheus has `server`, `up`, `rate`, `errors`, `p95` and `pool`.
    """

    path: Path_ = "/metrics"
    """The page that they are on."""
    from_: Literal["page", "prometheus"] = Field(default="page", alias="from")
    """Whether they are on a page of the service's own, or in a Prometheus."""
    format: Literal["prometheus", "json"] = "prometheus"
    """What the page is: Prometheus text, or JSON."""
    requests: str | None = None
    """The counter of requests. What a JSON path finds in several places is summed."""
    latency: str | None = None
    """The histogram or summary of the requests' duration."""
    status: str = "status"
    """The label of `requests` that holds the status code, or a class of them (`5xx`)."""
    errors: str | None = None
    """Of JSON the counter of failed requests; of a Prometheus what gives them in %."""
    p95: str | None = None
    """Of JSON, or of a Prometheus, what gives the 95th percentile of the duration: say its `unit`."""
    ignore: dict[str, list[str]] = {}
    """Which series are not users' traffic (health checks, the metrics page itself), by the values of their labels."""
    pool: Pool | None = None
    """The gauges of the service's own database connection pool."""
    unit: Unit | None = None
    """What durations are counted in. Without it a name that says so is believed (`_seconds`, `_ms`), and otherwise
    Prometheus text is taken to count seconds."""
    across: Literal["worst"] | None = None
    """Says that of several percentiles, which cannot be averaged, the worst is meant."""
    server: Name | None = None
    """The service of this file that is the Prometheus."""
    up: str | None = None
    """The series that tells whether the Prometheus reaches the service."""
    rate: str | None = None
    """What gives its requests a second."""

    @model_validator(mode="after")
    def _is_understood(self) -> Metrics:
        stray = sorted(self.model_fields_set - {"from_", "format", *KEYS[self.source]})
        if stray:
            raise mistake(stray[0], f"is nothing that {self.source} has (there: {', '.join(KEYS[self.source])})")
        if self.source == "JSON":
            self._are_paths()
        if self.source == "a Prometheus server" and not (self.server and self.up):
            raise ValueError('write server = "…", the service that is the Prometheus, and up = \'up{job="…"}\'')
        if self.p95 and not self.unit and (self.server or not unit_in(self.p95)):
            raise mistake("p95", 'say what it is counted in: unit = "ms", "s" or "us"')
        return self

    @property
    def source(self) -> str:
        """What the figures come from, in words."""
        if self.from_ == "prometheus":
            return "a Prometheus server"
        return "JSON" if self.format == "json" else "Prometheus text"

    def unit_of(self, name: str) -> Unit:
        """What the durations called `name` are counted in."""
        return self.unit or unit_in(name) or "s"

    def _are_paths(self) -> None:
        names = {"requests": self.requests, "errors": self.errors, "p95": self.p95}
        names |= {"pool.in_use": self.pool.in_use, "pool.size": self.pool.size} if self.pool else {}
        for key, name in names.items():
            try:
                _PATH.validate_python(name)
            except ValidationError as error:
                raise mistake(key, error.errors()[0]["msg"].removeprefix("Value error, ")) from None
