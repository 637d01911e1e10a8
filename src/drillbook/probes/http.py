"""A service that speaks HTTP: does it answer, is it ready, what does its health say, does it serve, how fast?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from drillbook.observation import Observation
from drillbook.probes import answers
from drillbook.probes.question import Unmeasured, needs, number, question
from drillbook.probes.traffic import Traffic

if TYPE_CHECKING:
    from drillbook.probes.measure import Readings
    from drillbook.system import Endpoint, Health, HttpService, Page
    from drillbook.target import Service

HEALTH_PAGES = ("health", "ready")


def health_page(service: Service) -> tuple[str, Page]:
    """The page that tells whether the service answers: health, or ready, or `/`; and its name in the readings."""
    from drillbook.system import Page

    declared = cast("HttpService", service.declared)
    found = [(name, page) for name in HEALTH_PAGES if (page := getattr(declared, name))]
    return found[0] if found else ("root", Page(path="/"))


@dataclass
class Http:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    service: Service
    readings: Readings
    up: str = "api.up"
    asked: int = field(init=False)

    def __post_init__(self) -> None:
        self.asked = self.readings.asked  # grows with what a check asks live

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
        """Whether the service can be reached and answers, as itself: yes or no.

        Refused, reset, mute or a 5xx of its health page is a no. Another status, no JSON or a missing field is
        unknown: somebody else may be answering there.
        """
        return self._answers

    @question
    def ready(self) -> Observation:
        """Whether the service says that it is ready to serve: yes or no."""
        page = self._page("ready")
        return answers.good(self.service, self._answer("ready"), page)

    @question
    def healthy(self) -> Observation:
        """Whether the health page says that the service is well: yes or no."""
        page = self._page("health")
        if page.up is None:
            raise Unmeasured(
                f"system.toml does not say when the health page of {self.service.name} is up", applies=False
            )
        return answers.says(self._answer("health"), page.path, page.up)

    @question
    def part(self, name: str) -> Observation:
        """Whether the health page says that the part `name` is well: yes or no."""
        page = cast("Health", self._page("health"))
        if name not in page.parts:
            raise Unmeasured(f"system.toml declares no part {name} of the health page of {self.service.name}")
        return answers.says(self._answer("health"), page.path, page.parts[name])

    @question
    def health_latency(self) -> Observation:
        """How long the health page took, connection included, in ms."""
        self._page("health")
        return self._took("health")

    @question
    def serves(self, endpoint: str) -> Observation:
        """Whether the endpoint gives what it is declared to give, status and number of items: yes or no."""
        return self._serves(endpoint)

    @question
    def latency(self, endpoint: str) -> Observation:
        """How long the endpoint took to serve, connection included, in ms; unknown where it did not serve."""
        served = self._serves(endpoint)
        if served.value is not True:
            raise Unmeasured(f"{endpoint} was not served: {served.reason}")
        return self._took(f"endpoint {endpoint}")

    @question
    def error_ratio(self) -> Observation:
        """Requests answered with a 5xx over the interval, in %."""
        return self._traffic.error_ratio()

    @question
    def p95(self) -> Observation:
        """The 95th percentile of the requests' duration over the interval, in ms."""
        return self._traffic.p95()

    @question
    def traffic(self) -> Observation:
        """Requests a second over the interval."""
        return self._traffic.rate()

    @question
    def pool_used(self) -> Observation:
        """Connections in use of the service's own pool, in %."""
        return self._traffic.pool_used()

    @question
    def json(self, path: str, where: str, *, unit: str = "") -> Observation:
        """The number, true or false at the JSON path `where` of the page `path`, asked for now, once."""
        needs(self.answers(), self.up)
        self.asked += 1
        answer = _get_now(self.service, path)
        by = f"{self.service.name} {answer['by']}"
        value = answers.field(answers.usable(self.service, answer, path), path, where)
        if isinstance(value, bool):
            return Observation(value, by=by, took=answer["took"])
        return Observation(number(value, f"{path} {where}", signed=True), unit, by=by, took=answer["took"])

    @property
    def _declared(self) -> HttpService:
        return cast("HttpService", self.service.declared)

    @cached_property
    def _answers(self) -> Observation:
        if "error" in self.readings.first:
            raise Unmeasured(self.readings.first["error"]["reason"])
        name, page = health_page(self.service)
        return judge_health(self.service, name, page, self.readings.first["pages"][name])

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

    def _took(self, name: str) -> Observation:
        took = self._answer(name)["took"]
        return Observation(took * 1000, "ms", took=took)

    def _serves(self, name: str) -> Observation:
        endpoint: Endpoint | None = self._declared.endpoints.get(name)
        if endpoint is None:
            known = ", ".join(self._declared.endpoints) or "none"
            raise Unmeasured(f"system.toml declares no endpoint {name} for {self.service.name} (it has: {known})")
        needs(self.answers(), self.up)
        return answers.served(self.service, self._answer(f"endpoint {name}"), endpoint)

    @cached_property
    def _traffic(self) -> Traffic:
        if self._declared.metrics is None:
            raise Unmeasured(f"system.toml declares no metrics for {self.service.name}", applies=False)
        needs(self.answers(), self.up)
        return Traffic(self.service.name, self._declared.metrics, self.readings)


def judge_health(service: Service, name: str, page: Page, answer: dict[str, Any]) -> Observation:
    """Whether the service answers, going by its health page."""
    who = f"is this really {service.name}?"
    if name == "root":
        who = f"declare health or ready for {service.name} in system.toml"
    return answers.reached(service, answer, page, who=who)


def alive(service: Service, answer: dict[str, Any]) -> bool:
    """Whether, going by its health page, there is anything more to ask of the service."""
    name, page = health_page(service)
    try:
        return judge_health(service, name, page, answer).value is True
    except Unmeasured:
        return False


def _get_now(service: Service, path: str) -> dict[str, Any]:
    from drillbook.probes.reading.page import address, get
    from drillbook.probes.runner import run

    seconds = service.declared.seconds
    return run(get(address(service.address, path), headers=service.headers, seconds=seconds), within=seconds + 1)
