"""The table of a service of kind `http`: its pages and endpoints, its metrics, and how they are asked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from drillbook.judging.limit import duration
from drillbook.probes.http.figures.table import Metrics  # pydantic reads it
from drillbook.probes.http.pages import Asked, Endpoint, Health, Login, Page, TimedPage, Values
from drillbook.system.paths import leads_to_one
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Service, Timed
from drillbook.system.strict import JsonPath, Name, Path_

ENDPOINT = "endpoint "


class HttpService(Timed):
    """A service that speaks HTTP.

    Without a health page it is up where an endpoint that names `json` or `up` is served: declare one or the other.
    """

    url: Reference
    """Its address: `https://HOST`. The paths of its pages come after it."""
    headers: Values = {}
    """Headers that are sent with whatever is asked. One that holds a secret is given by reference."""
    login: Login | None = None
    """What is sent first; what it gives goes with everything that is asked."""
    proxy: Reference | None = None
    """The HTTP proxy through which it is asked; without it none is, whatever the environment says."""
    ready: Page | None = None
    """The page that says whether it takes traffic."""
    health: Health | None = None
    """The page that says whether it is well."""
    metrics: Metrics | None = None
    """Where figures of its traffic are."""
    endpoints: dict[Name, Endpoint] = {}
    """What users ask for, each under a name of your own, which its limits have: `NAME.ok` and `NAME.latency`."""
    at_once: Annotated[int, Field(ge=1, le=100)] = 8
    """How many endpoints are asked at the same time."""

    def pages(self) -> dict[str, Page]:
        """The pages that are asked, by their names in the readings: `health`, `ready`, `endpoint NAME`."""
        named = {name: page for name, page in (("health", self.health), ("ready", self.ready)) if page}
        return named | {f"{ENDPOINT}{name}": endpoint for name, endpoint in self.endpoints.items()}

    def asked(self) -> dict[str, Asked]:
        """Whatever is asked: the pages, the metrics and the login."""
        others = {"metrics": self.metrics, "login": self.login}
        return {**self.pages(), **{name: one for name, one in others.items() if one}}

    def seconds_of(self, page: Asked) -> float:
        """How long that page may take, in seconds."""
        return duration(page.deadline or self.deadline)

    def samples_of(self, page: Page) -> int:
        """How often that page is asked; one whose latency is not judged, once."""
        return page.samples or self.samples if isinstance(page, TimedPage) else 1

    @property
    def longest(self) -> float:
        """How long the slowest page may take, in seconds."""
        return max([self.seconds, *map(self.seconds_of, self.asked().values())])


class PageRead(Read):
    """What the JSON of a page holds, by `path` and `json`; or the series of a `metric` of the service's metrics."""

    path: Path_ | None = None
    """The page that is asked."""
    json_: JsonPath | None = Field(default=None, alias="json")
    """Where in its JSON the number is, or the numbers are."""
    named_by: JsonPath | None = None
    """Where each item of a list says what it is called; without it items are called by their numbers."""
    metric: str | None = None
    """The name of a metric on the declared metrics page."""
    labels: dict[str, str] = {}
    """The labels that its series must carry."""

    @model_validator(mode="after")
    def _is_one_of_them(self) -> PageRead:
        if self.metric and (self.path or self.json_):
            raise ValueError("is two reads: say path and json, or metric, which is on the declared metrics page")
        if not self.metric and not (self.path and self.json_):
            raise ValueError('say path and json, or metric: { path = "/status", json = "$.depth" }')
        if self.named_by and (not self.json_ or leads_to_one(self.json_)):
            raise ValueError('named_by belongs to a json that leads to several items: "$.platforms[*].rate"')
        if self.labels and not self.metric:
            raise ValueError("labels belong to metric")
        return self

    @property
    def counts(self) -> bool:
        """Whether it is on the metrics page, which is read at both ends of the interval."""
        return self.metric is not None

    def missing(self, service: Service) -> str:
        """That the service declares no metrics page, where one is to be read."""
        metrics = getattr(service, "metrics", None)
        if not self.metric or (metrics and metrics.source == "Prometheus text"):
            return ""
        advice = (
            'write metrics = { path = "/metrics" } in its table' if metrics is None else "say path and json instead"
        )
        return f"{self.service} declares no metrics page of Prometheus text: {advice}"
