"""Whether a service that speaks HTTP answers as itself, going by the pages that were asked for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.http import answers
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.judging.observation import Observation
    from drillbook.probes.http.pages import Page
    from drillbook.probes.http.table import HttpService
    from drillbook.system.target import Service

HEALTH, READY = "health", "ready"
ROOT = "root"


def health_page(service: Service) -> tuple[str, Page]:
    """The page that tells whether the service answers: health, or ready, or `/`; and its name in the readings."""
    from drillbook.probes.http.pages import Page

    declared = cast("HttpService", service.declared)
    found = [(name, page) for name in (HEALTH, READY) if (page := getattr(declared, name))]
    return found[0] if found else (ROOT, Page(path="/"))


def up(service: Service, pages: dict[str, dict[str, Any]]) -> Observation:
    """Whether the service answers, going by its health page, or without one by `/` or an endpoint."""
    name, page = health_page(service)
    who = (
        f"is this really {service.name}?"
        if name != ROOT
        else f"declare health or ready for {service.name} in system.toml"
    )
    try:
        return answers.reached(service, pages[name], page, who=who)
    except Unmeasured:
        served = next(_served(service, pages), None) if name == ROOT else None
        if served is None:
            raise
        return served


def alive(service: Service, pages: dict[str, dict[str, Any]]) -> bool:
    """Whether, going by these pages, there is anything more to ask of the service."""
    try:
        return up(service, pages).value is True
    except Unmeasured:
        return False


def _served(service: Service, pages: dict[str, dict[str, Any]]) -> Iterator[Observation]:
    """The endpoints among these pages that are served as declared, and that nobody else could serve."""
    for name, endpoint in cast("HttpService", service.declared).endpoints.items():
        answer = pages.get(f"endpoint {name}")
        with suppress(Unmeasured):
            if (
                answer
                and (endpoint.json_ or endpoint.up)
                and (found := answers.served(service, answer, endpoint)).value
            ):
                yield found
