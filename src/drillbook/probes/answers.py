"""What a page's answer says, against what the system file declares of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.observation import Observation
from drillbook.probes import jsonpath
from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from drillbook.system import Endpoint, Health, Page
    from drillbook.target import Service

Answer = dict[str, Any]
_EXCERPT = 120


def reached(service: Service, answer: Answer, page: Page, *, who: str = "") -> Observation:
    """Whether the page answers at all, as itself: not with another status, and with the fields declared."""
    if early := _not_served(service, answer, page.path):
        return early
    if answer["status"] >= 500 and answer["status"] != page.expect:
        return _no(answer, status_line(answer, page.path))
    if answer["status"] != page.expect:
        raise Unmeasured(f"{page.path} answered {answer['status']}{': ' + who if who else ''}")
    try:
        for condition in _conditions(page):
            field(answer, page.path, condition.partition(" == ")[0])
    except Unmeasured as error:
        raise Unmeasured(f"{error.reason}{': ' + who if who else ''}") from None
    return _yes(answer)


def good(service: Service, answer: Answer, page: Page) -> Observation:
    """Whether the page answers as declared, and says that all is well where it declares how."""
    if early := _not_served(service, answer, page.path):
        return early
    if answer["status"] >= 500 and answer["status"] != page.expect:
        return _no(answer, status_line(answer, page.path))
    if answer["status"] != page.expect:
        raise Unmeasured(status_line(answer, page.path))
    why = _explain(answer, page.path, page.up) if page.up else ""
    return _no(answer, why) if why else _yes(answer)


def served(service: Service, answer: Answer, endpoint: Endpoint) -> Observation:
    """Whether the endpoint gives its users what it is declared to give: any other status is a no."""
    if early := _not_served(service, answer, endpoint.path):
        return early
    if answer["status"] != endpoint.expect:
        return _no(answer, status_line(answer, endpoint.path))
    why = _explain(answer, endpoint.path, endpoint.up) if endpoint.up else ""
    return _no(answer, why) if why else _filled(answer, endpoint)


def login_refused(service: Service, status: int, path: str) -> str:
    """Why 401 and 403 say nothing, and which variable to look at; empty for any other status."""
    if status not in (401, 403):
        return ""
    names = ", ".join(f"${one.env}" for one in getattr(service.declared, "headers", {}).values())
    advice = f"check {names}" if names else f"declare services.{service.name}.headers in system.toml"
    return f"login refused for {service.name} ({path} answered {status}): {advice}"


def usable(service: Service, answer: Answer, path: str) -> Answer:
    """The answer, if it is one with status 200; else Unmeasured says what it is."""
    if early := _not_served(service, answer, path):
        raise Unmeasured(early.reason)
    if answer["status"] != 200:
        raise Unmeasured(status_line(answer, path))
    return answer


def says(answer: Answer, path: str, condition: str) -> Observation:
    """Whether what the page says of one thing is that it is well."""
    why = _explain(answer, path, condition)
    return _no(answer, why) if why else _yes(answer)


def document(answer: Answer, path: str) -> Any:
    """The page's JSON; Unmeasured where it is none."""
    try:
        return jsonpath.parse(answer["body"])
    except Unmeasured as error:
        raise Unmeasured(f"{path} {error.reason}") from None


def field(answer: Answer, path: str, where: str) -> Any:
    """What the page's JSON holds at `where`; Unmeasured says what it holds instead."""
    found = document(answer, path)
    try:
        return jsonpath.find(found, where)
    except Unmeasured as error:
        raise Unmeasured(f"{path} {error.reason}") from None


def status_line(answer: Answer, path: str) -> str:
    """`/deals answered 503: {"error": …`: the status and how the body begins."""
    begins = said(answer["body"][: 2 * _EXCERPT])[:_EXCERPT]
    return f"{path} answered {answer['status']}{': ' + begins if begins else ''}"


def _yes(answer: Answer) -> Observation:
    return Observation(True, took=answer["took"])


def _no(answer: Answer, reason: str) -> Observation:
    return Observation(False, reason=reason, took=answer["took"])


def _not_served(service: Service, answer: Answer, path: str) -> Observation | None:
    """What can be said without looking at status and body: no answer, or no login."""
    if answer["error"]:
        reason = f"{path}: {answer['error']['reason']}"
        if answer["error"]["kind"] == "down":
            return _no(answer, reason)
        raise Unmeasured(reason)
    if refused := login_refused(service, answer["status"], path):
        raise Unmeasured(refused)
    return None


def _conditions(page: Page | Health) -> list[str]:
    return [*([page.up] if page.up else []), *getattr(page, "parts", {}).values()]


def _explain(answer: Answer, path: str, condition: str) -> str:
    said_by_page = document(answer, path)
    try:
        return jsonpath.explain(said_by_page, condition)
    except Unmeasured as error:
        raise Unmeasured(f"{path} {error.reason}") from None


def _filled(answer: Answer, endpoint: Endpoint) -> Observation:
    if not endpoint.json_:
        return _yes(answer)
    found = field(answer, endpoint.path, endpoint.json_)
    if not isinstance(found, list):
        raise Unmeasured(f"{endpoint.path} answered {answer['status']}, but {endpoint.json_} is no list")
    if len(found) < endpoint.at_least:
        count = f"{len(found)} item{'' if len(found) == 1 else 's'}"
        return _no(answer, f"{answer['status']}, but {endpoint.json_} has {count}, fewer than {endpoint.at_least}")
    return _yes(answer)
