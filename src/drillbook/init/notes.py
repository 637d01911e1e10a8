"""The comments of a first system file: what was not found out, and how it is said. What begins with blanks is TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HEAD = (
    "Written by `drillbook init` from what answered; it is yours now. `drillbook explain services.http.health` says "
    "what each key means, and what else there is. Addresses and secrets are given by the name of a variable, never as "
    "they are.",
)
LIMITS = (
    "Limits that are not stated here are the house's: `drillbook explain api.p95` says one. Yours go here:",
    '   [limits."api.p95"]',
    '   unit = "ms"',
    '   high = "> 800"',
    '   from = "the section of your runbook"',
)
# What was not found, by the table that it would have: in words, and how it is declared.
MISSING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "health": (
        "a health page",
        (
            '   path = "/where/it/is"',
            "   up = \"$.status == 'ok'\"",
            "   parts = { redis = \"$.redis == 'up'\" }",
        ),
    ),
    "metrics": (
        "figures of its traffic",
        (
            '   path = "/metrics"',
            '   requests = "http_requests_total"',
            '   latency = "http_request_duration_seconds"',
        ),
    ),
    "endpoints": (
        "what its users ask for",
        ('   items = { path = "/items", json = "$.items", at_least = 1 }',),
    ),
}
JSON_FIGURES = (
    '{path} answers JSON, in which figures have paths: format = "json", and requests = "$.requests", errors, p95.'
)
EVERYWHERE = "Whatever path is asked is answered so: is this its health?"
USERS = "What users ask for, each under a name of your own: add what matters most to yours."
CERTIFICATE = "It is asked by TLS, so tls.days_left is judged of its certificate, too."
ROLES = 'One that is a broker of jobs, too: roles = ["cache", "broker"]; one that is no cache: ["broker"].'
STACK = "How `drillbook up` and drills start a copy of it; nothing of yours is touched."
AS_COMPOSED = "The compose file's own check asks it. What it says while it is well was not seen: up or says says it."
OURS = "Nobody else visits it: errors and times are those of our own requests to the endpoints."
VISITORS = 'Where nobody visits it: traffic = "ours" has our own requests to the endpoints judged.'


def missing(what: str, where: str, *, looked: bool) -> tuple[str, ...]:
    """That the table `what` of a service was not found, and how it is written."""
    words, lines = MISSING[what]
    return f"{'Not found' if looked else 'Not looked for'}: {words}. If there is any:", f"   [{where}.{what}]", *lines


def monitor(variable: str) -> tuple[str, ...]:
    """How a role that sees all sessions of a database is declared."""
    return (
        "What other roles' sessions do is UNKNOWN where this one may not see it. A role with pg_monitor may:",
        f'   monitor = {{ env = "{variable}" }}',
    )


def unanswered(path: str, reason: str) -> str:
    """That nothing was asked behind a page."""
    again = "Once it answers, remove this file and run `drillbook init` again."
    return f"Nothing was asked after {path} ({reason}). {again}"


def other_pages(others: Mapping[str, int], *, found: bool) -> Iterator[str]:
    """What pages want that answered with a status that says nothing of health; `found` where another one did."""
    login, moved, failed = (_listed(others, statuses) for statuses in ((401, 403), range(300, 400), range(500, 600)))
    if login:
        yield f"A login is wanted by {login}:"
        yield '   headers = { Authorization = { env = "NAME_OF_A_VARIABLE", prefix = "Bearer " } }'
    if moved and not found:
        yield f"Redirects, which no check follows: {moved}. Give the address that they lead to."
    if failed:
        yield f"Failed, and said nothing of parts: {failed}."


def not_startable(web: str, left_out: Mapping[str, str]) -> str:
    """Why there is no [stack]."""
    why = f"no copy can have {web}: {left_out[web]}" if web else "no service of the compose file listens at a port"
    return f"There is no [stack], for {why}. `drillbook explain stack` says how one is written."


def left_out(reasons: Mapping[str, str]) -> Iterable[str]:
    """Why services are left out of a copy."""
    return (f"No copy can have {name}, so nothing is declared of it: {why}." for name, why in reasons.items())


def _listed(others: Mapping[str, int], statuses: Iterable[int]) -> str:
    return ", ".join(f"{path} ({status})" for path, status in others.items() if status in statuses)
