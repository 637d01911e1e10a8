"""Whose certificates are looked at beside those of declared ports: services that are asked by TLS themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drillbook.judging.verdict import titled
from drillbook.system.in_force import is_upstream
from drillbook.system.kinds import OF_CERTIFICATES, TLS, kinds
from drillbook.system.limits import LimitTable
from drillbook.system.names import split

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from drillbook.system.file import System

PORTS = {"https": 443, "rediss": 6379}
NONE_HERE = "no certificate is looked at for it here: no address says https:// or rediss://, or another service has it"


def places(system: System, addresses: Mapping[str, str]) -> dict[str, str]:
    """Where the certificates of its services are, as tls://HOST:PORT by their names; each place once.

    A port that is declared as a service of kind `tls` is that one's, and what is switched off is not looked at.
    """
    own = {addresses[name] for name, service in system.services.items() if service.kind == TLS}
    found = dict[str, str]()
    for name in addresses:
        if (where := _place(name, system, addresses)) and where not in own:
            found.setdefault(where, name)
    return {name: where for where, name in found.items()}


def as_asked(system: System, certified: Collection[str]) -> System:
    """The system, with what it states of certificates switched off where nobody's is looked at."""
    off = {title: _off(table) for title, table in system.limits.items() if _speaks_of_none(title, system, certified)}
    return system.model_copy(update={"limits": system.limits | off}) if off else system


def _place(name: str, system: System, addresses: Mapping[str, str]) -> str:
    """Where TLS is spoken with a service of our own or of somebody else's that is asked; empty where it is not."""
    service = system.services[name]
    if kinds()[service.kind].through or is_upstream(service) or _is_off(name, system):
        return ""
    try:
        parts = urlsplit(addresses[name])
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host or parts.scheme not in PORTS:
        return ""
    return f"tls://{f'[{host}]' if ':' in host else host}:{port or PORTS[parts.scheme]}"


def _is_off(name: str, system: System) -> bool:
    """Whether nothing of its certificate is to be judged."""
    stated = ((system.limits.get(titled(one, name)) or system.limits.get(one)) for one in OF_CERTIFICATES)
    return all(one and one.off for one in stated)


def _speaks_of_none(title: str, system: System, certified: Collection[str]) -> bool:
    name, service = split(title)
    if name not in OF_CERTIFICATES or system.limits[title].off:
        return False
    judged = {*certified, *(one for one, its in system.services.items() if its.kind == TLS)}
    return service in system.services and service not in judged if service else not judged


def _off(table: LimitTable) -> LimitTable:
    return LimitTable.model_validate({"off": NONE_HERE, "from": table.from_})
