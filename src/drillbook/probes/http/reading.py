"""Reads a service that speaks HTTP: its declared pages, its metrics, what a Prometheus knows, and our own requests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.http import visiting
from drillbook.probes.http.alive import HEALTH, READY, ROOT, alive, health_page
from drillbook.probes.http.asking import Asking, ask, ask_at_last
from drillbook.probes.http.figures import one_process, queried
from drillbook.probes.http.login import LOGIN, log_in, logged_in
from drillbook.probes.http.table import ENDPOINT
from drillbook.probes.page import MEBIBYTE
from drillbook.probes.prometheus.answer import path_of
from drillbook.probes.prometheus.asking import in_turn
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from drillbook.probes.http.figures.table import Metrics
    from drillbook.probes.http.pages import Page as Declared
    from drillbook.probes.http.table import HttpService
    from drillbook.probes.page import Page
    from drillbook.system.target import Service


async def facts(service: Service) -> dict[str, Any]:
    """The pages that the service declares; only the health page where that one does not answer.

    A service without one may say anything at `/`: its endpoints are asked wherever somebody answers.
    """
    turn, (name, page) = turn_of(service), health_page(service)
    turn.speaks = name
    if turn.last == LOGIN:
        turn.at_last()  # what wants a login is nothing without
    asking = Asking(service, turn, await log_in(service))
    await ask_at_last(service)
    await asking.once({name: page})
    pages, known = asking.pages(), dict[str, Any]()
    if alive(service, pages) or (name == ROOT and not pages[name]["error"]):
        known = await _before(service)
        await _rest(service, asking)
    await ask_at_last(service)
    return {**known, "pages": _with_twins(service, asking.pages()), "asked": turn.counted()}


async def anew(service: Service, what: str, first: dict[str, Any]) -> dict[str, Any]:
    """The facts with one page of them asked for again, alone."""
    page = await ask(service, what, pages_of(service)[what], given=await logged_in(service))
    return first | {"pages": first["pages"] | {what: page}}


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """The metrics page as it is now, and once more: another process may answer. None where there is nobody to ask."""
    metrics = cast("HttpService", service.declared).metrics
    if not metrics or metrics.from_ != "page" or not alive(service, facts["pages"]):
        return None
    before = facts.get("before")
    if before and before["error"]:
        return {"metrics": before, "asked": 0}
    page, at = await _metrics(service, metrics), time.monotonic()
    if page.get("unasked"):
        return {"metrics": page, "asked": 0}
    again = None if page["error"] else await _metrics(service, metrics)
    several = one_process.in_turn(_where(service))
    read = {"before": before, "served": _served(facts["pages"]), "metrics": page, "again": again, "at": at}
    await ask_at_last(service)
    return {**read, "several": several, "asked": turn_of(service).counted()}


async def visits(service: Service, facts: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Our own requests in place of visitors', within about so many seconds; none where nobody would serve them."""
    wanted = visiting.wanted(service, _cost(service)) if alive(service, facts["pages"]) else 0
    return await visiting.visit(service, min(wanted, 1) if turn_of(service).hangs else wanted, seconds)


def pages_of(service: Service) -> dict[str, Declared]:
    """Each page that is asked, under its name in the readings."""
    return dict([health_page(service)]) | _pages(service)


def cost(service: Service) -> int:
    """Each page as often as it is sampled, the metrics five times, the login, and our own requests."""
    return _cost(service) + visiting.wanted(service, _cost(service))


def _cost(service: Service) -> int:
    declared = cast("HttpService", service.declared)
    asked = sum(map(declared.samples_of, pages_of(service).values()))
    metrics = declared.metrics is not None and declared.metrics.from_ == "page"
    return asked + (5 if metrics else 0) + (1 if declared.login else 0)


async def _before(service: Service) -> dict[str, Any]:
    """What is known of the traffic before we ask for what users ask: the metrics page, or a Prometheus' answers."""
    metrics, server = cast("HttpService", service.declared).metrics, service.server
    if not metrics:
        return {}
    if metrics.from_ == "page":
        before = await _metrics(service, metrics)
        return {} if before.get("unasked") else {"before": before}
    if not server:
        return {"queries": {}}
    names = {f"metrics.{key} of {service.name}": key for key in queried.queries(metrics)}
    asked = {name: path_of(queried.queries(metrics)[key]) for name, key in names.items()}
    pages = await in_turn(server, asked, first=next(iter(asked)), behind="query")
    return {"queries": {names[name]: page for name, page in pages.items()}}


async def _metrics(service: Service, metrics: Metrics) -> Page:
    page = await ask(service, "metrics", metrics, given=await logged_in(service), cap=16 * MEBIBYTE)
    one_process.remember(_where(service), page["body"])
    return page


def _where(service: Service) -> tuple[str, str]:
    return service.name, service.address


def _served(pages: dict[str, Page]) -> int:
    """How many of the endpoints answered us, with whatever status below 500."""
    asked = [page for name, page in pages.items() if name.startswith(ENDPOINT)]
    return sum(not page["error"] and page["status"] < 500 for page in asked)


async def _rest(service: Service, asking: Asking) -> None:
    """Everything but the health page; what hung before as the last."""
    turn, (name, page) = turn_of(service), health_page(service)
    others = {key: other for key, other in _pages(service).items() if key != name}
    hung = {key: other for key, other in others.items() if key == turn.last}
    endpoints = {key: other for key, other in others.items() if key.startswith(ENDPOINT) and key not in hung}
    await asking.again({name: page})
    await asking.once({key: other for key, other in others.items() if key not in (*endpoints, *hung)})
    await asking.side_by_side(endpoints)
    turn.at_last()
    await asking.once(hung)


def _pages(service: Service) -> dict[str, Declared]:
    """The declared pages; of two that are asked in the same way, the first."""
    pages = cast("HttpService", service.declared).pages()
    return {name: page for name, page in pages.items() if not (name == READY and _is_twin(service))}


def _is_twin(service: Service) -> bool:
    """Whether health and ready are one and the same page."""
    declared = cast("HttpService", service.declared)
    one, other = declared.health, declared.ready
    return bool(one and other) and (one.path, one.headers) == (other.path, other.headers)  # type: ignore[union-attr]


def _with_twins(service: Service, pages: dict[str, Page]) -> dict[str, Page]:
    return {**pages, READY: pages[HEALTH]} if _is_twin(service) else pages
