"""What a page's answer comes to, against what the system file declares of it: up, well, served, or not to be told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from drillbook.judging.observation import Observation
from drillbook.probes.http import body
from drillbook.probes.http.strangers import whose
from drillbook.probes.question import Unmeasured, untold
from drillbook.probes.turn import TOO_MANY, ask_less

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.probes.http.pages import Asked, Endpoint, Page, Part
    from drillbook.system.services import Reference
    from drillbook.system.target import Service

Answer = dict[str, Any]
UNAVAILABLE = 503


def reached(service: Service, answer: Answer, page: Page, *, who: str = "") -> Observation:
    """Whether the page answers as itself, with whatever status: a field that is declared is there.

    Where none is there, a 5xx is a no, and what may be somebody else's answer is Unmeasured, with the question `who`.
    """
    if (early := _unanswered(answer, page.path)) is not None:
        return early
    _let_in(service, answer, page)
    if _is_itself(answer, page):
        return _yes(answer)
    if not page.expects(answer["status"]):
        not_too_often(service, answer, page.path)
    if answer["status"] >= 500 and (body.fields(page) or not page.expects(answer["status"])):
        return _no(answer, f"{status_line(answer, page.path)}{_may_be_its_own_word(answer, page)}")
    try:
        _may_be_itself(answer, page)
    except Unmeasured as error:
        raise Unmeasured(f"{error.reason}{': ' + who if who else ''}") from None
    return _yes(answer)


def good(service: Service, answer: Answer, page: Page) -> Observation:
    """Whether the page answers as declared: with a status that is expected, and says that all is well."""
    if (early := _unanswered(answer, page.path)) is not None:
        return early
    if page.expects(answer["status"]):
        return _as_declared(answer, page)
    _let_in(service, answer, page)
    if answer["status"] < 500 and not _is_itself(answer, page):
        not_too_often(service, answer, page.path)
        raise Unmeasured(status_line(answer, page.path))
    return _no(answer, _with_another_status(answer, page))


def served(service: Service, answer: Answer, endpoint: Endpoint) -> Observation:
    """Whether the endpoint gives its users what it is declared to give: any other status is a no."""
    if (early := _unanswered(answer, endpoint.path)) is not None:
        return early
    if not endpoint.expects(answer["status"]):
        _let_in(service, answer, endpoint)
        not_too_often(service, answer, endpoint.path)
        return _no(answer, status_line(answer, endpoint.path))
    told = _as_declared(answer, endpoint)
    return _filled(answer, endpoint) if told.value and endpoint.json_ else told


def part(answer: Answer, path: str, declared: Part) -> Observation:
    """Whether what the page says of one part is that it is well, whatever the page's status."""
    why = body.why_not(answer, path, declared)
    return _no(answer, why) if why else _yes(answer)


def login_refused(service: Service, status: int, path: str, page: Asked | None = None) -> str:
    """Why 401 and 403 say nothing, and which variable to look at; empty for any other status."""
    if status not in (401, 403):
        return ""
    login = getattr(service.declared, "login", None)
    all_of_it = {**getattr(service.declared, "headers", {}), **(login.fields if login else {})}
    names = variables((page.headers if page else {}) or all_of_it)
    advice = f"check {names}" if names else f"declare services.{service.name}.headers in system.toml"
    return f"login refused for {service.name} ({path} answered {status}): {advice}"


def not_too_often(service: Service, answer: Answer, path: str) -> None:
    """Raises Unmeasured where it is 429, which says nothing about the service; the reason names the key to look at."""
    if answer["status"] != TOO_MANY:
        return
    again = f", and wants to be asked again in {answer['retry']:.0f} s" if answer.get("retry") else ""
    raise Unmeasured(f"{path} answered 429{again}: it is asked too often: {ask_less(service)}")


def variables(values: Mapping[str, Reference | str]) -> str:
    """The variables behind these values, to be looked at."""
    return ", ".join(f"${one.env}" for one in values.values() if not isinstance(one, str))


def usable(service: Service, answer: Answer, path: str, page: Asked | None = None) -> Answer:
    """The answer, if its status is one that the `page` expects, 200 without one; else Unmeasured says what it is."""
    if (early := _unanswered(answer, path)) is not None:
        raise Unmeasured(early.reason)
    not_too_often(service, answer, path)
    if not (page.expects(answer["status"]) if page else answer["status"] == 200):
        raise Unmeasured(login_refused(service, answer["status"], path, page) or status_line(answer, path))
    return answer


def status_line(answer: Answer, path: str) -> str:
    """`/deals answered 503: {"error": …`: the status and how the body begins."""
    begins = body.excerpt(answer["body"])
    return f"{path} answered {answer['status']}{': ' + begins if begins else ''}"


def _yes(answer: Answer) -> Observation:
    return Observation(True, took=answer["took"])


def _no(answer: Answer, reason: str) -> Observation:
    return Observation(False, reason=reason, took=answer["took"])


def _unanswered(answer: Answer, path: str) -> Observation | None:
    """What can be said without looking at status and body: there is no answer."""
    if not answer["error"]:
        return None
    reason = f"{path}: {answer['error']['reason']}"
    if answer["error"]["kind"] == "down":
        return replace(_no(answer, reason), beside=answer.get("beside", 0) if answer.get("silent") else 0)
    raise untold({**answer["error"], "reason": reason})


def _let_in(service: Service, answer: Answer, page: Page) -> None:
    if refused := login_refused(service, answer["status"], page.path, page):
        raise Unmeasured(refused)


def _is_itself(answer: Answer, page: Page) -> bool:
    known = body.is_there if page.expects(answer["status"]) else body.is_readable
    return any(known(answer, page.path, one) for one in body.fields(page))


def _may_be_its_own_word(answer: Answer, page: Page) -> str:
    """What to write where a text with that status is the service's: no field tells it from what a proxy says."""
    text = page.says and answer["status"] == UNAVAILABLE and answer["body"].strip() and not body.is_html(answer["body"])
    return f": if that is its own word, write expect = [200, {UNAVAILABLE}]" if text else ""


def _may_be_itself(answer: Answer, page: Page) -> None:
    """Goes on where the page may be the service's own, though no field says so."""
    if not page.expects(answer["status"]):
        raise Unmeasured(f"{page.path} answered {answer['status']}")
    for one in body.fields(page):
        body.need(answer, page.path, one)
    _no_stranger(answer, page)


def _no_stranger(answer: Answer, page: Page) -> None:
    """Goes on unless the page is a web server's own, or one for people where a whole text is declared."""
    text = answer["body"]
    if page.says and body.matches(text, page.says):
        return
    if name := whose(text):
        raise Unmeasured(f"{page.path} answered a page of {name}'s own")
    if page.says and body.is_html(text) and not any({"<", "*"} & {*one} for one in page.says):
        raise Unmeasured(f"{page.path} answered a page of HTML: {body.excerpt(text)}")


def _as_declared(answer: Answer, page: Page) -> Observation:
    """Whether a page with the right status says that all is well, where the file says how it would."""
    if not page.up:
        _no_stranger(answer, page)
    why = body.why_not(answer, page.path, page)
    return _no(answer, why) if why else _yes(answer)


def _with_another_status(answer: Answer, page: Page) -> str:
    with suppress(Unmeasured):
        if page.up and (why := body.why_not(answer, page.path, page)):
            return f"{page.path} answered {answer['status']}: {why}"
    if ill := [name for name, one in getattr(page, "parts", {}).items() if _is_ill(answer, page.path, one)]:
        return f"{page.path} answered {answer['status']}: not well: {', '.join(ill)}"
    return status_line(answer, page.path)


def _is_ill(answer: Answer, path: str, declared: Part) -> bool:
    with suppress(Unmeasured):
        return not part(answer, path, declared).value
    return False


def _filled(answer: Answer, endpoint: Endpoint) -> Observation:
    where = cast("str", endpoint.json_)
    count = body.items(answer, endpoint.path, where)
    if count >= endpoint.at_least:
        return _yes(answer)
    items = f"{count} item{'' if count == 1 else 's'}"
    return _no(answer, f"{answer['status']}, but {where} has {items}, fewer than {endpoint.at_least}")
