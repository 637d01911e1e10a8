"""What the engine has: containers, networks, volumes and built images, listed by label and removed one by one.

An image that a run built has labels of its own kind, `drillbook.built…` where a container's is `drillbook…`: whatever
is started from an image inherits its labels, and would look like the run's.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.common.inert import inert
from drillbook.supervisor.owner import LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTAINER, NETWORK, VOLUME, IMAGE = "container", "network", "volume", "image"
UP = "up:"  # what `drillbook up` started belongs to nobody's run
SHORTEST_RUN = 8
BUILT, BUILT_TAG = "drillbook.built", "drillbook.built-as"
ANONYMOUS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Thing:
    """One container, network, volume or built image; `id` is what the engine knows it by, `name` what people do."""

    kind: str
    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    state: str = field(default="", compare=False)

    @property
    def is_named_after_its_run(self) -> bool:
        """Whether its name holds the run that its label speaks of, as the names of all that we make do.

        Labels travel: whoever commits a container to an image and starts that has them too, under a name of its own.
        """
        run = self.labels.get(LABEL, "").removeprefix(UP).lower()
        return len(run) >= SHORTEST_RUN and run in self.name.lower()

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
    return [*map(container, containers), *map(_network, networks), *map(_volume, volumes), *_images(client, labels)]


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
        CONTAINER: lambda id_: _remove_container(client, id_),
        NETWORK: client.api.remove_network,
        VOLUME: client.api.remove_volume,
        IMAGE: client.api.remove_image,
    }


def anonymous_volumes(container: Mapping[str, Any]) -> set[str]:
    """The names of the volumes that the engine made for this container, because its image declares them."""
    declared = container["Config"].get("Volumes") or {}
    mounted = {one.get("Name") or "" for one in container["Mounts"] if one["Destination"] in declared}
    return {name for name in mounted if ANONYMOUS.fullmatch(name)}


def _remove_container(client: Any, id_: str) -> None:
    """Also its volumes that compose has handed on from the one before it: the engine takes those for somebody's."""
    inherited: set[str] = set()
    with contextlib.suppress(Exception):
        inherited = anonymous_volumes(client.api.inspect_container(id_))
    client.api.remove_container(id_, force=True, v=True)
    for volume in inherited:
        with contextlib.suppress(Exception):  # gone with it, or still held by another
            client.api.remove_volume(volume)


def container(said: Mapping[str, Any]) -> Thing:
    """The container of which the engine's list says that."""
    names = said.get("Names") or [said["Id"][:12]]
    return Thing(CONTAINER, said["Id"], names[0].lstrip("/"), said.get("Labels") or {}, said.get("State") or "")


def _network(said: Mapping[str, Any]) -> Thing:
    return Thing(NETWORK, said["Id"], said["Name"], said.get("Labels") or {})


def _volume(said: Mapping[str, Any]) -> Thing:
    return Thing(VOLUME, said["Name"], said["Name"], said.get("Labels") or {})


def _images(client: Any, labels: tuple[str, ...]) -> list[Thing]:
    """The images that carry these labels in the way that images do, each by the tag that it was built as.

    What somebody builds on such an image inherits its labels, but not its tag, and is left alone.
    """
    wanted = {"label": [_built(label) for label in labels]}
    said = client.api.images(filters=wanted)
    return [_image(one) for one in said if _tag(one) in (one.get("RepoTags") or [])]


def _built(label: str) -> str:
    """`drillbook=x` and `drillbook.owner=y`, as an image carries them; other labels are the same."""
    name, equals, value = label.partition("=")
    ours = name == LABEL or name.startswith(f"{LABEL}.")
    return f"{name.replace(LABEL, BUILT, 1) if ours else name}{equals}{value}"


def _tag(said: Mapping[str, Any]) -> str:
    return f"{(said.get('Labels') or {}).get(BUILT_TAG, '')}:latest"


def _image(said: Mapping[str, Any]) -> Thing:
    labels = {name.replace(BUILT, LABEL, 1): value for name, value in (said.get("Labels") or {}).items()}
    return Thing(IMAGE, _tag(said), _tag(said), labels)
