"""What a compose file has of a system: the services that Drillbook knows, and how a copy of it can be started."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import keep_secret, keep_secrets_of
from drillbook.init.container import asked, kind_of, port_of, published, refused, variables
from drillbook.init.images import TOOLS, UNKNOWN, short
from drillbook.init.jobs import is_beat, other_jobs, queues_of
from drillbook.init.parts import part_of, web_part
from drillbook.stack.recipe import configuration, profiles
from drillbook.system.addresses import read_env_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drillbook.init.container import Container
    from drillbook.init.parts import Part

_VARIABLE = re.compile(r"(?<!\$)\$(?:\{(\w+)(:?[?+-])?|(\w+))")
_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL|SALT", re.IGNORECASE)
_PLACEHOLDER = "1"  # it may be a port, a version or a password


@dataclass(frozen=True)
class Composed:
    """What is in a compose file.

    `web` is what the address leads to, `pages` are the paths that its own check asks; `secrets` are made for a copy,
    `left_out` is what no copy can have, each with the reason. `notes` are about what has no table.
    """

    parts: tuple[Part, ...]
    web: Part | None
    pages: tuple[str, ...]
    secrets: tuple[str, ...]
    left_out: Mapping[str, str]
    notes: tuple[str, ...]


def composed(file: Path, port: int | None) -> Composed:
    """What the file has, of which `port` is published to where the address leads; Mistakes where it is none."""
    text = _text(file)
    unset = _unset(text, file)
    values = {name: _PLACEHOLDER for name, needed in unset.items() if needed}
    services = configuration(file, values)["services"]
    _keep_secrets(services)
    web = _web(services, port)
    left_out = {name: why for name, one in services.items() if (why := refused(name, one))}
    kept = {name: one for name, one in services.items() if name not in left_out}
    others = {name: one for name, one in kept.items() if name != web}
    parts = {name: part for name, one in others.items() if (part := part_of(name, one, kept, text))}
    secrets = tuple(name for name in unset if _SECRET.search(name))
    notes = [f"{name}: {_why_not(name, one)}" for name, one in others.items() if name not in parts]
    notes += _left_aside({*profiles(file, values)}, services)
    its, pages = (web_part(web, services[web], port), asked(services[web])) if web else (None, ())
    return Composed(tuple(parts.values()), its, pages, secrets, left_out, (*notes, *_nameless(unset, secrets)))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is no text"
        raise Mistakes([f"--compose {file}: {why}: give the compose file that starts the system"]) from None


def _unset(text: str, file: Path) -> dict[str, bool]:
    """The variables that have neither a default nor a value, each with whether compose insists on one."""
    given = {**read_env_file(file.parent / ".env"), **os.environ}
    found: dict[str, bool] = {}
    for braced, how, bare in _VARIABLE.findall(text):
        name = braced or bare
        if not how.endswith(("-", "+")) and not given.get(name):
            found[name] = found.get(name, False) or how.endswith("?")
    return found


def _keep_secrets(services: Mapping[str, Container]) -> None:
    for name, value in (pair for one in services.values() for pair in variables(one).items()):
        if "://" in value:
            keep_secrets_of(value)
        elif _SECRET.search(name):
            keep_secret(value)


def _web(services: Mapping[str, Container], port: int | None) -> str:
    """The service that the address leads to: whose port is published as that; else what is built, and has a port."""
    leads = [name for name, one in services.items() if port in published(one)]
    own = [name for name, one in services.items() if port_of(one) and not _is_something_else(name, one)]
    built = [name for name in own if services[name].get("build")]
    shown = [name for name in (*built, *own) if published(services[name])]
    return next(iter([*leads, *shown, *built, *own]), "")


def _is_something_else(name: str, one: Container) -> bool:
    """Whether it is no application that users ask."""
    called = short(one.get("image") or "")
    other = UNKNOWN.fullmatch(called) or TOOLS.fullmatch(called)
    return bool(other or kind_of(one) or queues_of(one) or is_beat(one) or other_jobs(name, one))


def _left_aside(there: set[str], services: Mapping[str, Container]) -> Iterator[str]:
    """What is not looked at, for compose itself does not start it."""
    if others := sorted(there - {name for one in services.values() for name in one.get("profiles") or []}):
        adds = f"COMPOSE_PROFILES={','.join(others)} adds them."
        yield f"Services of profiles were not looked at, and no copy has them: {adds}"


def _nameless(unset: Mapping[str, bool], secrets: tuple[str, ...]) -> Iterator[str]:
    if others := [name for name in unset if name not in secrets]:
        yield f"Nothing gives these variables a value, and a copy starts without: {', '.join(others)}."


def _why_not(name: str, one: Container) -> str:
    """Why a service has no table, and what can be done about it."""
    called = short(one.get("image") or "")
    if queues_of(one):
        return "a Celery worker whose broker is no Redis of this file: a signal can judge its queues"
    if is_beat(one):
        return "Celery's beat: what it sends is seen in the queues"
    if jobs := other_jobs(name, one):
        return jobs
    if UNKNOWN.fullmatch(called):
        return f"{called}: there is no kind of service for it; judge what the health page says of it, or a signal"
    if TOOLS.fullmatch(called):
        return f"{called}: a proxy or a tool; declare it as http if users need it"
    if port := port_of(one):
        return f"listens at port {port}: if that is HTTP, give it a table like the one above, and an address of its own"
    return "has no port: nothing can be asked there"
