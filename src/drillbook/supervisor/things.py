"""What the engine has: containers, networks and volumes, listed by label and removed one by one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.inert import inert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTAINER, NETWORK, VOLUME = "container", "network", "volume"


@dataclass(frozen=True)
class Thing:
    """One container, network or volume; `id` is what the engine knows it by, `name` what people do."""

    kind: str
    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    state: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {inert(self.name)}"


def listed(client: Any, *labels: str) -> list[Thing]:
    """Everything that carries all of `labels` (`KEY` or `KEY=VALUE`), containers first.

    ValueError where no label is given: that would be everything that the engine has.
    """
    if not labels or not all(labels):
        raise ValueError("a label is needed")
    wanted = {"label": list(labels)}
    containers = client.api.containers(all=True, filters=wanted)
    networks = client.api.networks(filters=wanted)
    volumes = client.api.volumes(filters=wanted)["Volumes"] or []
    return [*map(_container, containers), *map(_network, networks), *map(_volume, volumes)]


def remove(client: Any, thing: Thing) -> str:
    """Removes `thing`, a container with its anonymous volumes; the reason why it could not be, or nothing."""
    from docker.errors import NotFound

    try:
        _removals(client)[thing.kind](thing.id)
    except NotFound:
        return ""
    except Exception as error:  # the SDK lets errors of five libraries through; all mean: not now
        if thing.state == "paused":
            with contextlib.suppress(Exception):  # engines differ in whether they remove what is paused
                client.api.unpause(thing.id)
        return inert(str(getattr(error, "explanation", None) or error))[:200]
    return ""


def _removals(client: Any) -> dict[str, Callable[[str], object]]:
    return {
        CONTAINER: lambda id_: client.api.remove_container(id_, force=True, v=True),
        NETWORK: client.api.remove_network,
        VOLUME: client.api.remove_volume,
    }


def _container(said: Mapping[str, Any]) -> Thing:
    names = said.get("Names") or [said["Id"][:12]]
    return Thing(CONTAINER, said["Id"], names[0].lstrip("/"), said.get("Labels") or {}, said.get("State") or "")


def _network(said: Mapping[str, Any]) -> Thing:
    return Thing(NETWORK, said["Id"], said["Name"], said.get("Labels") or {})


def _volume(said: Mapping[str, Any]) -> Thing:
    return Thing(VOLUME, said["Name"], said["Name"], said.get("Labels") or {})
