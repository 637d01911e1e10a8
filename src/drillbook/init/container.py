"""One service of a compose file: where it listens, what its own check asks, and whether a copy can have it."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from drillbook.init.images import by_name, known
from drillbook.stack.allowed import service_refusals
from drillbook.stack.ground import ENGINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.init.images import Known

Container = dict[str, Any]
_ASKS = re.compile(
    r"(?:(?P<scheme>https?)://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(?P<port>\d+))?(?P<path>/[^\s\"'|;]*)?"
)
_LISTENS = re.compile(r"(?:--port[= ]|-p |0\.0\.0\.0:|--bind[= ]\S*:)(\d{2,5})\b")
_SOCKETS = {PurePath(engine).name for engine in ENGINES}  # wherever they are
_PORTS = {"http": 80, "https": 443}


def variables(one: Container) -> dict[str, str]:
    """What its environment holds."""
    return {name: str(value) for name, value in (one.get("environment") or {}).items() if value is not None}


def command(one: Container) -> str:
    """What it runs, on one line."""
    return " ".join(map(str, [*(one.get("entrypoint") or []), *(one.get("command") or [])]))


def published(one: Container) -> list[int]:
    """The ports of the machine at which it is reached."""
    said = [str(port.get("published") or "") for port in one.get("ports") or []]
    return [int(port) for port in said if port.isdecimal()]


def port_of(one: Container, at: int | None = None) -> int | None:
    """The port at which it listens: the one published as `at`, any that is published or exposed, or the one that its
    own check or its command speaks of.
    """
    ports = [port for port in one.get("ports") or [] if port.get("protocol", "tcp") == "tcp"]
    said = [port["target"] for port in sorted(ports, key=lambda port: str(port.get("published")) != str(at))]
    said += [port.partition("/")[0] for port in one.get("expose") or []]
    said += [found["port"] or _PORTS.get(found["scheme"]) for found in _ASKS.finditer(_check(one))]
    said += [found[1] for found in _LISTENS.finditer(command(one))]
    return next((int(port) for port in said if str(port).isdecimal()), None)


def asked(one: Container) -> tuple[str, ...]:
    """The paths that its own check asks."""
    return tuple(dict.fromkeys(found["path"] for found in _ASKS.finditer(_check(one)) if found["path"]))


def kind_of(one: Container) -> Known | None:
    """Its kind of service: by its image, or, where that is built, by what PostgreSQL's own image is told."""
    told = {"POSTGRES_PASSWORD", "POSTGRES_DB"} <= {*variables(one)} and port_of(one) == 5432
    return by_name(one.get("image") or "") or (known("postgres") if told else None)


def of_kind(services: Mapping[str, Container], kind: str) -> list[str]:
    """The services of that kind."""
    return [name for name, one in services.items() if getattr(kind_of(one), "kind", "") == kind]


def refused(name: str, one: Container) -> str:
    """Why no copy can have it; empty where it can."""
    sources = [str(mount.get("source") or "") for mount in one.get("volumes") or []]
    sockets = [f"{source} is the engine itself" for source in sources if PurePath(source).name in _SOCKETS]
    return next((line.partition(": leave the service out")[0] for line in [*service_refusals(name, one), *sockets]), "")


def _check(one: Container) -> str:
    return " ".join(map(str, (one.get("healthcheck") or {}).get("test") or []))
