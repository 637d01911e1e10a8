"""A service that speaks HTTP: does it answer, is it ready, what does its health say, does it serve, how fast?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.again import again, of_time
from drillbook.probes.http import answers
from drillbook.probes.http.alive import health_page, up
from drillbook.probes.http.figures.ours import Ours
from drillbook.probes.http.figures.queried import Queried
from drillbook.probes.http.traffic import Traffic
from drillbook.probes.live import Spend, freely
from drillbook.probes.question import Unmeasured, needs, question

if TYPE_CHECKING:
    from drillbook.judging.observation import Observation
    from drillbook.probes.http.live import Got
    from drillbook.probes.http.pages import Endpoint, Health, Page
    from drillbook.probes.http.table import HttpService
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service


@dataclass
class Http:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`.

    What is asked live is left to `spend`.
    """

    service: Service
    readings: Readings
    up: str = "api.up"
    spend: Spend = freely

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        pages = self.readings.first.get("pages", {})
        peers = [page["by"] for page in pages.values() if page["by"]]
        return f"{self.service.name} {peers[0] if peers else self.service.where}"

    @property
    def parts(self) -> list[str]:
        """What the health page speaks of, as declared."""
        return list(self._declared.health.parts) if self._declared.health else []

    @property
    def endpoints(self) -> list[str]:
        """The endpoints that the system file declares."""
        return list(self._declared.endpoints)

    @question
    def answers(self) -> Observation:
        """Whether the service can be reached and answers, as itself, with whatever status: yes or no.

        Itself is what has a field that is declared of its health page. Refused, reset, mute, or a 5xx without such a
        field is a no. Anything else is unknown: somebody else may be answering there.
        """
        return self._answers

    @question
    def ready(self) -> Observation:
        """Whether the service says that it is ready to serve: yes or no."""
        page = self._page("ready")
        return answers.good(self.service, self._answer("ready"), page)

    @question
    def healthy(self) -> Observation:
        """Whether the health page answers as declared, and says that the service is well: yes or no."""
        page = self._page("health")
        return answers.good(self.service, self._answer("health"), page)

    @question
    def part(self, name: str) -> Observation:
        """Whether the health page says that the part `name` is well: yes or no."""
        page = cast("Health", self._page("health"))
        if name not in page.parts:
            raise Unmeasured(f"system.toml declares no part {name} of the health page of {self.service.name}")
        return answers.part(self._answer("health"), page.path, page.parts[name])

    @question
    def health_latency(self) -> Observation:
        """How long the health page took, connection included, in ms."""
        self._page("health")
        return of_time(self, "health", self._answer("health"), Http.health_latency)

    @question
    def serves(self, endpoint: str) -> Observation:
        """Whether the endpoint gives what it is declared to give, status and number of items: yes or no."""
        name = f"endpoint {endpoint}"
        served = self._serves(endpoint)
        return replace(served, again=again(self, name, lambda noun: noun.serves(endpoint), self._answer(name)))

    @question
    def latency(self, endpoint: str) -> Observation:
        """How long the endpoint took to serve, connection included, in ms; unknown where it did not serve."""
        served = self._serves(endpoint)
        if served.value is not True:
            raise Unmeasured(f"{endpoint} was not served: {served.reason}", because=served.because or f"{endpoint}.ok")
        name = f"endpoint {endpoint}"
        return of_time(self, name, self._answer(name), lambda noun: noun.latency(endpoint))

    @question
    def error_ratio(self) -> Observation:
        """Requests answered with a 5xx over the interval, in %; or of our own ones."""
        return (self._ours or self._traffic("requests", "errors")).error_ratio()

    @question
    def p95(self) -> Observation:
        """The 95th percentile of the requests' duration over the interval, in ms; or of our own ones."""
        return (self._ours or self._traffic("latency", "p95")).p95()

    @question
    def traffic(self) -> Observation:
        """Requests a second over the interval."""
        return (self._ours or self._traffic("requests", "rate")).rate()

    @question
    def pool_used(self) -> Observation:
        """Connections in use of the service's own pool, in %."""
        return self._traffic("pool").pool_used()

    def get(self, path: str) -> Got:
        """The page at `path` as it is now, asked for once: `api.get("/status").at("$.depth", unit="jobs")`."""
        from drillbook.probes.http.live import Got, got

        try:
            needs(self.answers(), self.up)
        except Unmeasured as error:
            return Got(self.service, path, why=error)
        return got(self.service, path, hangs=self.readings.hangs, spend=self.spend)

    @property
    def _declared(self) -> HttpService:
        return cast("HttpService", self.service.declared)

    @cached_property
    def _answers(self) -> Observation:
        if "error" in self.readings.first:
            raise Unmeasured(self.readings.first["error"]["reason"])
        name, _ = health_page(self.service)
        first = self.readings.first
        return up(self.service, first["pages"] | ({name: first["after"]} if "after" in first else {}))

    def _page(self, name: str) -> Page:
        """The declared page, of a service that answers."""
        page: Page | None = getattr(self._declared, name)
        if page is None:
            raise Unmeasured(f"system.toml declares no {name} page for {self.service.name}", applies=False)
        needs(self.answers(), self.up)
        return page

    def _answer(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.readings.first["pages"][name]
        return answer

    def _serves(self, name: str) -> Observation:
        endpoint: Endpoint | None = self._declared.endpoints.get(name)
        if endpoint is None:
            known = ", ".join(self._declared.endpoints) or "none"
            raise Unmeasured(f"system.toml declares no endpoint {name} for {self.service.name} (it has: {known})")
        needs(self.answers(), self.up)
        return answers.served(self.service, self._answer(f"endpoint {name}"), endpoint)

    def _traffic(self, *keys: str) -> Traffic | Queried:
        """The metrics of a service that answers, which declares one of these keys: what is not declared stays so."""
        metrics = self._declared.metrics
        if metrics is None or not any(getattr(metrics, key, None) for key in keys):
            what = f"metrics.{keys[0]}" if metrics else "metrics"
            raise Unmeasured(f"system.toml declares no {what} for {self.service.name}", applies=False)
        needs(self.answers(), self.up)
        if metrics.from_ == "prometheus":
            return Queried(self.service, metrics, self.readings.first.get("queries", {}))
        return Traffic(self.service, metrics, self.readings)

    @cached_property
    def _ours(self) -> Ours | None:
        if self.service.traffic != "ours":
            return None
        needs(self.answers(), self.up)
        return Ours(self.service, self.readings.first.get("visits", []))
