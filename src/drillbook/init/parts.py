"""What a service of a compose file is to the system: its kind, its roles, and its address in a copy."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.init.container import command, kind_of, of_kind, port_of, variables
from drillbook.init.jobs import BROKER, broker_of, other_jobs, queues_of
from drillbook.init.words import slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.init.container import Container

# How PostgreSQL's images call login and database: the official one's, and Bitnami's.
_LOGINS = (
    ("POSTGRES_USER", "POSTGRESQL_USERNAME"),
    ("POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD"),
    ("POSTGRES_DB", "POSTGRESQL_DATABASE"),
)
_PASSWORD = re.compile(r"requirepass[\s\"',]+\$\{?([A-Z][A-Z0-9_]*)")
LITERAL = "Its password stands in the compose file itself: write a variable there, and name it in stack.addresses."


@dataclass(frozen=True)
class Part:
    """A service that has a table: what is in it, and its address in a copy, where that is known."""

    service: str
    kind: str
    roles: tuple[str, ...] = ()
    address: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def web_part(name: str, one: Container, port: int | None) -> Part:
    """The service that users ask, at that port of the machine if it is published there."""
    return Part(name, "http", ("api",), _address("http", name, port_of(one, port)))


def part_of(name: str, one: Container, services: Mapping[str, Container], text: str) -> Part | None:
    """What the service is, among the others; None where there is no kind for it. `text` is the file's own."""
    if queues := queues_of(one):
        more = {"broker": slug(broker_of(services)), "queues": queues}
        return Part(name, "celery", ("worker",), more=more) if more["broker"] else None
    if not (its := kind_of(one)):
        return None
    if its.kind == "postgres":
        return Part(name, its.kind, its.roles, _postgres(name, one))
    if its.kind == "redis":
        return _redis(name, one, services, text)
    return Part(name, its.kind, its.roles, _address(its.scheme, name, its.port))


def _address(scheme: str, name: str, port: int | None, login: str = "", path: str = "") -> str:
    return f"{scheme}://{login}{{{name}:{port}}}{path}" if port else ""


def _postgres(name: str, one: Container) -> str:
    """Its address, with login and database by the names of the variables that its image has for them."""
    there = variables(one)
    user, password, database = (next((f"{{{one}}}" for one in names if one in there), "") for names in _LOGINS)
    trusting = there.get("POSTGRES_HOST_AUTH_METHOD") == "trust" and not password
    login = (user or "postgres") + ("" if trusting else f":{password or '{POSTGRES_PASSWORD}'}")
    return _address("postgresql", name, 5432, f"{login}@", f"/{database or user or 'postgres'}")


def _redis(name: str, one: Container, services: Mapping[str, Container], text: str) -> Part:
    given = "REDIS_PASSWORD" if "REDIS_PASSWORD" in variables(one) else ""
    if not given and "requirepass" in command(one) and (found := _PASSWORD.search(text)):
        given = found[1]
    notes = (LITERAL,) if "requirepass" in command(one) and not given else ()
    address = _address("redis", name, 6379, f":{{{given}}}@" if given else "", f"/{_number(name, services)}")
    return Part(name, "redis", _redis_roles(name, services), address, notes=notes)


def _number(name: str, services: Mapping[str, Container]) -> str:
    """The database that others are sent to, the broker's before any other: what waits is nowhere else to be seen."""
    leads_to = re.compile(rf"rediss?://(?:[^/]*@)?{re.escape(name)}(?::\d+)?/(\d+)")
    told = [
        (key, found[1])
        for one in services.values()
        for key, value in variables(one).items()
        if (found := leads_to.match(value))
    ]
    return min(told, key=lambda one: ("BROKER" not in one[0], not BROKER.search(one[0])), default=("", "0"))[1]


def _redis_roles(name: str, services: Mapping[str, Container]) -> tuple[str, ...]:
    """As it is called, and as the variables are in which others are given its address; or alone beside workers."""
    leads_to = re.compile(rf"//([^/]*@)?{re.escape(name)}\b")
    given = [key for one in services.values() for key, value in variables(one).items() if leads_to.search(value)]
    words = " ".join([name, *given])
    jobs = any(queues_of(one) or other_jobs("", one) for one in services.values())
    is_broker = BROKER.search(words) or (jobs and of_kind(services, "redis") == [name] and broker_of(services) == name)
    is_cache = re.search("cache", words, re.IGNORECASE) or not is_broker
    return tuple(role for role, so in (("cache", is_cache), ("broker", is_broker)) if so)
