"""A target: one system in one environment, with every address that its file only names filled in.

`load_target` finds everything that is wrong (the file, its names, variables that are not set) before the first
probe, and says it all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from drillbook.common.login import taken_apart
from drillbook.common.mistakes import Mistakes
from drillbook.judging.limit import STATED_IN
from drillbook.system.addresses import Addresses
from drillbook.system.certificates import as_asked, places
from drillbook.system.consistent import inconsistencies, seen_through
from drillbook.system.elsewhere import DRILL, elsewhere, read_from, without
from drillbook.system.in_force import Limits, is_upstream, limits_in_force
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.system.file import Call, System
    from drillbook.system.library import Library
    from drillbook.system.services import Reference
    from drillbook.system.services import Service as Declared
    from drillbook.system.signals import Signal
    from drillbook.system.strict import Traffic, Write


@dataclass(frozen=True)
class Service:
    """One service of a target: what the file declares, and the address and secrets that belong to it.

    `address` is the URL or DSN of what is asked (for celery the broker's). A table of any kind may have a `monitor`,
    the DSN of a role that sees all sessions, a `proxy`, through which it is asked, and `headers`, which go with
    whatever is asked; `page_headers` go with the page of that name alone, and `login` is what is sent to log in. None
    of them shows in a repr. `traffic` says whose requests errors and times are of, `server` is the Prometheus that
    knows its figures, where the file names one. `signals` are those that are read from it, `log` is what reads the log
    of a container of a copy. `certificate` is the place, tls://HOST:PORT, where its certificate is looked at. `mail`
    says from and to whom a mail is sent, `writes` what may be written in its environment.
    """

    name: str
    declared: Declared
    address: str = field(default="", repr=False)
    monitor: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    page_headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    login: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str = field(default="", repr=False)
    traffic: Traffic = "visitors"
    server: Service | None = None
    signals: Mapping[str, Signal] = field(default_factory=dict)
    log: Any = field(default=None, repr=False)
    certificate: str = ""
    mail: Mapping[str, str] = field(default_factory=dict, repr=False)
    writes: tuple[Write, ...] = ()

    @property
    def where(self) -> str:
        """The host and port that are asked, to print where nobody answered; empty where they cannot be known."""
        return taken_apart(self.address).place

    @property
    def kind(self) -> str:
        """The kind of service, as the file says it."""
        return self.declared.kind


@dataclass(frozen=True)
class Target:
    """`system@environment`, ready to be asked.

    `kind` is the environment's kind; `origins` says where each variable's value came from; `overridden` names
    the variables whose value in the environment differs from what `drillbook up` wrote. `notes` says, by variable, what
    of its application's spelling was left out or understood as something else. `elsewhere` are the services that the
    file declares and that are not asked here, each with the reason.
    """

    system: System
    environment: str
    kind: str
    services: Mapping[str, Service]
    limits: Limits
    origins: Mapping[str, str]
    overridden: list[str]
    notes: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`deal-scout@staging`."""
        return f"{self.system.system.name}@{self.environment}"

    @property
    def not_asked(self) -> dict[str, str]:
        """Why what the file declares is not asked here, by what it is called there."""
        signals = read_from(self.system, self.elsewhere)
        services = {f"services.{name}": why for name, why in self.elsewhere.items()}
        return services | {f"signals.{name}": why for name, why in signals.items()}

    def of_kind(self, kind: str, role: str = "") -> Service | None:
        """The service of that kind of our own, the one with `role` where there are several, or None."""
        found = [one for one in self.services.values() if one.kind == kind and not is_upstream(one.declared)]
        return next((service for service in found if role in service.declared.roles), next(iter(found), None))

    def call(self, severity: str) -> Call | None:
        """Whom that severity calls and by when, where the runbook says so."""
        return self.system.escalation.get(severity)  # type: ignore[call-overload, no-any-return]

    def page(self, section: str) -> str:
        """Where that section of the runbook is read; empty where nobody says."""
        return self.system.runbook.page(section) if self.system.runbook else ""


def load_target(text: str, library: Library) -> Target:
    """The target that `text` (`system@environment`) names; Mistakes says everything that stands in its way."""
    name, environment = _split(text, library)
    system = library.read(name)
    stated_in = f"{STATED_IN}{library.shown(library.file_of(name))}"
    addresses = Addresses(library.environ, library.env_file(text))
    services = {name: _service(name, declared, system, addresses) for name, declared in system.services.items()}
    services = {name: _in_place(service, services, system, environment) for name, service in services.items()}
    certified = places(system, {name: one.address for name, one in services.items()})
    system = as_asked(system, certified)
    limits, unknown = limits_in_force(system, library.house(), stated_in, certified)
    found = [*unknown, *inconsistencies(system), *_not_installed(system), *_undeclared(environment, system)]
    mistakes = library.told(name, found) if found else []
    if mistakes := [*mistakes, *addresses.unset(text), *addresses.misspelt(text)]:
        raise Mistakes(mistakes)
    kind = DRILL if environment == DRILL else system.environments[environment].kind
    known = addresses.origins, addresses.overridden(), addresses.notes
    gone = elsewhere(system, environment, {name: one.address for name, one in services.items()})
    if gone:
        limits, _ = limits_in_force(without(system, gone), library.house(), stated_in, certified)
    services = {
        name: replace(one, signals=limits.signals.on(name), certificate=certified.get(name, ""))
        for name, one in services.items()
        if name not in gone
    }
    return Target(system, environment, kind, services, limits, *known, gone)


def _split(text: str, library: Library) -> tuple[str, str]:
    system, at, environment = text.partition("@")
    if not (system and at and environment):
        raise Mistakes([f"--target {text!r} is not SYSTEM@ENV (known: {', '.join(library.targets()) or 'none'})"])
    return system, environment


def _service(name: str, declared: Declared, system: System, addresses: Addresses) -> Service:
    where = f"services.{name}"
    kind = kinds()[declared.kind]
    asked, by = (seen_through(declared, system), kinds()[kind.through.kind]) if kind.through else (declared, kind)
    monitor = addresses.address(getattr(declared, "monitor", None), f"{where}.monitor", by.understood)
    address = addresses.address(getattr(asked, by.address, None), where, by.understood)
    proxy = addresses.address(getattr(declared, "proxy", None), f"{where}.proxy")
    filled = partial(_filled, addresses)
    headers = filled(f"{where}.headers", getattr(declared, "headers", {}))
    pages: Mapping[str, Any] = getattr(declared, "asked", dict)()
    of_pages = {key: filled(f"{where}.{key}.headers", page.headers) for key, page in pages.items()}
    login = filled(f"{where}.login", pages["login"].fields) if "login" in pages else {}
    mail = filled(f"{where}.mail", getattr(declared, "mail_addresses", {}))
    return Service(name, declared, address, monitor, headers, of_pages, login, proxy, mail=mail)


def _filled(addresses: Addresses, where: str, values: Mapping[str, Reference | str]) -> dict[str, str]:
    """What is written there, and in place of references what their variables hold."""
    return {
        key: one if isinstance(one, str) else addresses.secret(one, f"{where}.{key}") for key, one in values.items()
    }


def _in_place(service: Service, services: Mapping[str, Service], system: System, environment: str) -> Service:
    """The service as it is in its environment, among the others."""
    server = getattr(getattr(service.declared, "metrics", None), "server", None)
    traffic, writes = _traffic(system, environment), _writes(system, environment)
    return replace(service, traffic=traffic, writes=writes, server=services.get(server or ""))


def _traffic(system: System, environment: str) -> Traffic:
    declared = system.stack if environment == DRILL else system.environments.get(environment)
    return declared.traffic if declared else "visitors"


def _writes(system: System, environment: str) -> tuple[Write, ...]:
    """What checks may write there: all there is in a drill's copy and a local one, elsewhere what the file says."""
    declared = system.environments.get(environment)
    if environment == DRILL or (declared and declared.kind == "local"):
        return ("mail",)
    return tuple(declared.writes) if declared else ()


def _not_installed(system: System) -> Iterator[str]:
    for name, service in system.services.items():
        if missing := kinds()[service.kind].missing:
            yield f"services.{name}: kind {service.kind} {missing}"


def _undeclared(environment: str, system: System) -> Iterator[str]:
    if environment != DRILL and environment not in system.environments:
        known = ", ".join(f"{system.system.name}@{name}" for name in system.environments) or "none"
        asked = f"{system.system.name}@{environment}"
        yield f"environments: there is no {asked} (known: {known}): choose one, or declare [environments.{environment}]"
