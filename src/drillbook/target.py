"""A target: one system in one environment, with every address that its file only names filled in.

`load_target` finds everything that is wrong (the file, its names, variables that are not set) before the first
probe, and says it all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drillbook.addresses import Addresses
from drillbook.limits import Limits, limits_in_force
from drillbook.mistakes import Mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.library import Library
    from drillbook.system import AnyService, Call, System

DRILL = "drill"


@dataclass(frozen=True)
class Service:
    """One service of a target: what the file declares, and the address and secrets that belong to it.

    `address` is the URL or DSN (of the broker for celery), `monitor` the DSN of a role that sees all sessions,
    where there is one. Neither they nor the headers show in a repr.
    """

    name: str
    declared: AnyService
    address: str = field(default="", repr=False)
    monitor: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def where(self) -> str:
        """The host and port that are asked, without the login: what to print where nobody answered."""
        return urlsplit(self.address).netloc.rpartition("@")[2]

    @property
    def kind(self) -> str:
        """The kind of service, as the file says it."""
        return self.declared.kind


@dataclass(frozen=True)
class Target:
    """`system@environment`, ready to be asked.

    `kind` is the environment's kind; `origins` says where each variable's value came from; `overridden` names
    the variables whose value in the environment differs from what `drillbook up` wrote.
    """

    system: System
    environment: str
    kind: str
    services: Mapping[str, Service]
    limits: Limits
    origins: Mapping[str, str]
    overridden: list[str]

    @property
    def name(self) -> str:
        """`deal-scout@staging`."""
        return f"{self.system.system.name}@{self.environment}"

    def of_kind(self, kind: str, role: str = "") -> Service | None:
        """The service of that kind, the one with `role` where there are several, or None."""
        found = [service for service in self.services.values() if service.kind == kind]
        return next((service for service in found if role in service.declared.roles), next(iter(found), None))

    def call(self, severity: str) -> Call | None:
        """Whom that severity calls and by when, where the runbook says so."""
        return self.system.escalation.get(severity)  # type: ignore[call-overload, no-any-return]


def load_target(text: str, library: Library) -> Target:
    """The target that `text` (`system@environment`) names; Mistakes says everything that stands in its way."""
    name, environment = _split(text, library)
    from drillbook.system import ledger_mistakes

    system = library.read(name)
    limits, unknown = limits_in_force(system, library.house())
    path = library.file_of(name)
    addresses = Addresses(library.environ, library.env_file(text))
    services = {name: _service(name, declared, system, addresses) for name, declared in system.services.items()}
    mistakes = [f"{path}: {line}" for line in [*unknown, *_mistakes(system), *ledger_mistakes(system)]]
    mistakes += [*_environment_mistakes(text, environment, system), *addresses.unset(text)]
    if mistakes:
        raise Mistakes(mistakes)
    kind = DRILL if environment == DRILL else system.environments[environment].kind
    return Target(system, environment, kind, services, limits, addresses.origins, addresses.overridden())


def _split(text: str, library: Library) -> tuple[str, str]:
    system, at, environment = text.partition("@")
    if not (system and at and environment):
        raise Mistakes([f"--target {text!r} is not SYSTEM@ENV (known: {', '.join(library.targets()) or 'none'})"])
    return system, environment


def _service(name: str, declared: AnyService, system: System, addresses: Addresses) -> Service:
    where = f"services.{name}"
    if declared.kind == "celery":
        broker = system.services.get(declared.broker)
        return Service(name, declared, addresses.address(getattr(broker, "url", None), where))
    if declared.kind == "postgres":
        monitor = addresses.address(declared.monitor, f"{where}.monitor")
        return Service(name, declared, addresses.address(declared.dsn, where), monitor)
    headers = declared.headers if declared.kind == "http" else {}
    secrets = {key: addresses.secret(one, f"{where}.headers.{key}") for key, one in headers.items()}
    return Service(name, declared, addresses.address(declared.url, where), headers=secrets)


def _environment_mistakes(text: str, environment: str, system: System) -> Iterator[str]:
    if environment != DRILL and environment not in system.environments:
        known = ", ".join(f"{system.system.name}@{name}" for name in system.environments) or "none"
        yield f"unknown target {text}: choose one that system.toml declares (known: {known})"


def _mistakes(system: System) -> Iterator[str]:
    if DRILL in system.environments:
        yield "environments.drill: drills make their own environment of that name: choose another"
    for name, service in system.services.items():
        if service.kind == "celery" and getattr(system.services.get(service.broker), "kind", "") != "redis":
            yield f"services.{name}.broker: {service.broker!r} is no redis service of this file"
    trouble = system.stack.trouble if system.stack else None
    if trouble and getattr(system.services.get(trouble.service), "kind", "") != "http":
        yield f"stack.trouble.service: {trouble.service!r} is no http service of this file"
    sections = system.runbook.sections if system.runbook else None
    for name, limit in system.limits.items():
        if sections is not None and limit.from_ not in sections:
            yield f"limits.{name}.from: {limit.from_!r} is not among runbook.sections"
