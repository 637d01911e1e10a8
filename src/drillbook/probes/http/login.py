"""Logs in where the system file says how: once a reading, and what it is given is a secret."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import keep_secret
from drillbook.probes import jsonpath
from drillbook.probes.failure import failure
from drillbook.probes.http.answers import status_line, variables
from drillbook.probes.page import address, post
from drillbook.probes.question import Unmeasured
from drillbook.probes.runner import LONGER, run
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from drillbook.probes.failure import Failure, Kind
    from drillbook.probes.http.pages import Login
    from drillbook.probes.http.table import HttpService
    from drillbook.probes.page import Page
    from drillbook.system.target import Service

LOGIN = "login"
_kept: dict[Hashable, LoggedIn] = {}


@dataclass(frozen=True)
class LoggedIn:
    """What a service gave when we logged in: the headers to ask with, or why there are none."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    failed: Failure | None = None


async def log_in(service: Service) -> LoggedIn:
    """Logs in anew, where the file says how; nothing where it does not. What was given before stays until then."""
    declared = cast("HttpService", service.declared)
    if not declared.login:
        return LoggedIn()
    if told := turn_of(service).instead(LOGIN):
        return _logged_in(told, declared.login)
    page = await _asked(service, declared.login, declared.seconds_of(declared.login))
    found = _kept[_who(service)] = _logged_in(page, declared.login)
    return found


async def logged_in(service: Service) -> LoggedIn:
    """What the last login of this process gave; logs in where there was none."""
    return _kept.get(_who(service)) or await log_in(service)


def for_clients(service: Service) -> dict[str, str]:
    """What goes with requests that are no checks' (a drill's clients, a profile's visitors): headers, and a new login.

    Mistakes where that gives nothing: whatever is asked without it would be refused.
    """
    try:
        given = run(log_in(service), within=LONGER * service.declared.longest + 1)
    except TimeoutError:
        given = LoggedIn(failed=failure("unknown", "the login failed: it did not come to its end"))
    if given.failed:
        raise Mistakes([f"{service.name}: {given.failed['reason']}"])
    return headers(service, "", given)


def is_logged_in(service: Service) -> bool:
    """Whether this process has logged in there before."""
    return _who(service) in _kept


def _who(service: Service) -> Hashable:
    """Who is logged in, and where: two targets may have one address, and a login each."""
    return service.name, service.address, frozenset(service.login.items()), frozenset(service.headers.items())


def headers(service: Service, page: str, given: LoggedIn) -> dict[str, str]:
    """What the page of that name is asked with: its own headers before those of the login, and both before the rest."""
    found: dict[str, str] = {}
    for some in (service.headers, given.headers, service.page_headers.get(page, {})):
        names = {name.casefold() for name in some}
        found = {name: value for name, value in found.items() if name.casefold() not in names} | dict(some)
    return found


def without_login(page: Page, given: LoggedIn) -> Page:
    """The page; where it was refused for want of a login that failed, that failure is its own."""
    refused = given.failed and page["status"] in (401, 403)
    return page | {"error": given.failed} if refused else page


async def _asked(service: Service, login: Login, seconds: float) -> Page:
    form = "application/json" if login.json_ else "application/x-www-form-urlencoded"
    content = json.dumps(dict(service.login)) if login.json_ else urlencode(service.login)
    sent = {**headers(service, LOGIN, LoggedIn()), "Content-Type": form}
    url, proxy = address(service.address, login.path), service.proxy
    page = await post(url, headers=sent, content=content.encode(), seconds=seconds, proxy=proxy)
    return turn_of(service).hear(LOGIN, page, asked=login.path)


def _logged_in(page: Page, login: Login) -> LoggedIn:
    if page["error"]:
        return LoggedIn(
            failed={**page["error"], "reason": f"the login failed: {login.path}: {page['error']['reason']}"}
        )
    try:
        name, value = _given(page, login)
    except Unmeasured as error:
        kind: Kind = "down" if page["status"] >= 500 else "login"
        return LoggedIn(failed=failure(kind, f"the login failed: {error.reason}"))
    return LoggedIn({name: value})


def _given(page: Page, login: Login) -> tuple[str, str]:
    """The header that the answer gives us to ask with; Unmeasured says why it gives none."""
    if page["status"] >= 400 or (page["status"] >= 300 and not login.cookie):
        raise Unmeasured(_refused(page, login))
    if login.cookie:
        return "Cookie", f"{login.cookie}={keep_secret(_cookie(page, login))}"
    return login.header, login.prefix + keep_secret(_token(page, login))


def _refused(page: Page, login: Login) -> str:
    names = variables(login.fields) if page["status"] in (400, 401, 403, 422) else ""
    return status_line(page, login.path) + (f": check {names}" if names else "")


def _cookie(page: Page, login: Login) -> str:
    value = page["cookies"].get(login.cookie)
    if not value:
        names = ", ".join(page["cookies"]) or "none"
        raise Unmeasured(f"{login.path} answered {page['status']} without a cookie {login.cookie} (it sets: {names})")
    return str(value)


def _token(page: Page, login: Login) -> str:
    """The token in the answer. What else the answer holds may be as secret: it is not quoted."""
    with suppress(Unmeasured):
        token = jsonpath.find(jsonpath.parse(page["body"]), cast("str", login.token))
        if isinstance(token, str) and token.strip():
            return token
    raise Unmeasured(f"{login.path} answered {page['status']}, and has no text at {login.token}")
