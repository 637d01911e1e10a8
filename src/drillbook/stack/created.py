"""The proof on what was really created: that each container of a copy reaches its own things, and nothing else.

What the engine says of every container's mounts, networks and host settings decides, not what compose was told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from drillbook.stack.allowed import CAPABILITIES, NO_NEW_PRIVILEGES, is_in_memory
from drillbook.stack.ports import LOOPBACK
from drillbook.supervisor.owner import LABEL
from drillbook.supervisor.things import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

RUNTIMES = ("", "runc", "io.containerd.runc.v2")
# Host settings that must say nothing at all.
NOTHING = (
    "Privileged", "Devices", "DeviceRequests", "DeviceCgroupRules", "CgroupParent", "UTSMode", "UsernsMode",
    "VolumeDriver", "PublishAllPorts",
)  # fmt: skip


@dataclass
class Bounds:
    """What a copy's containers may reach: what carries its label, what they read of the user's, a folder of ours."""

    owner: str = ""
    read_only: set[str] = field(default_factory=set)
    private: str = ""

    def of(self, owner: str, read_only: Iterable[str], private: Path) -> None:
        """Takes in what a document allows."""
        self.owner, self.private = owner, str(private)
        self.read_only.update(read_only)


@dataclass(frozen=True)
class Own:
    """The copy's own: ids and names of its containers and networks, names of its volumes."""

    containers: Collection[str]
    networks: Collection[str]
    volumes: Collection[str]
    elsewhere: Collection[str] = ()  # the volumes that other people's containers hold


def violations(client: Any, containers: Iterable[Any], bounds: Bounds) -> list[str]:
    """What speaks against what was created, a line each; empty where all of it is the copy's own."""
    found = [container.attrs for container in containers]
    own = _own(client, found, bounds.owner)
    lines = (f"{one['Name'].lstrip('/')} {line}" for one in found for line in against(one, own, bounds))
    return list(dict.fromkeys(lines))


def _own(client: Any, containers: list[Mapping[str, Any]], owner: str) -> Own:
    wanted = {"label": [f"{LABEL}={owner}"]}
    networks = client.api.networks(filters=wanted)
    volumes = {one["Name"] for one in client.api.volumes(filters=wanted)["Volumes"] or [] if _is_nowhere_else(one)}
    ids = {one["Id"] for one in containers}
    loose = {mount.get("Name") for one in containers for mount in one["Mounts"]} - volumes - {None}
    others = client.api.containers(all=True, filters={"volume": sorted(loose)}) if loose else []
    held = {mount.get("Name") for one in others if one["Id"] not in ids for mount in one.get("Mounts") or []}
    names = {one["Name"].lstrip("/") for one in containers}
    return Own(ids | names, {one[key] for one in networks for key in ("Id", "Name")}, volumes, held - {None})


def _is_nowhere_else(volume: Mapping[str, Any]) -> bool:
    """Whether a volume is the engine's own folder, or memory: options can make it any folder of the machine."""
    return not volume.get("Options") or is_in_memory(volume["Options"])


def against(container: Mapping[str, Any], own: Own, bounds: Bounds) -> Iterator[str]:
    """What speaks against one container, as the engine describes it."""
    yield from _against_mounts(container, own, bounds)
    yield from _against_networks(container, own)
    yield from _against_settings(container["HostConfig"], own)


def _against_mounts(container: Mapping[str, Any], own: Own, bounds: Bounds) -> Iterator[str]:
    declared = container["Config"].get("Volumes") or {}
    explicit = [one for one in container["HostConfig"].get("Mounts") or [] if not one.get("Source")]
    anonymous = {*declared, *(one["Target"] for one in explicit if one["Type"] == "volume")}
    for mount in container["Mounts"]:
        if not _is_fine(mount, anonymous, own, bounds):
            what = mount.get("Name") or mount.get("Source")
            how = "writable" if mount.get("RW") else "read-only"
            yield f"has {mount['Type']} {what} at {mount['Destination']}, {how}, which is not the copy's own"


def _is_fine(mount: Mapping[str, Any], anonymous: Collection[str], own: Own, bounds: Bounds) -> bool:
    if mount["Type"] == "volume":
        name = mount.get("Name") or ""
        made = ANONYMOUS.fullmatch(name) and mount["Destination"] in anonymous and name not in own.elsewhere
        return mount.get("Driver") == "local" and (name in own.volumes or bool(made))
    if mount["Type"] == "bind":
        source = PurePath(mount["Source"])
        ours = bool(bounds.private) and PurePath(bounds.private) in source.parents and ".." not in source.parts
        return ours or (not mount["RW"] and str(source) in bounds.read_only)
    return bool(mount["Type"] == "tmpfs")


def _against_networks(container: Mapping[str, Any], own: Own) -> Iterator[str]:
    mode = container["HostConfig"].get("NetworkMode") or ""
    if mode != "none" and mode not in own.networks and mode.removeprefix("container:") not in own.containers:
        yield f"is on network {mode}, which is not the copy's own"
    for name, network in (container["NetworkSettings"].get("Networks") or {}).items():
        known = network.get("NetworkID") or name
        if name != "none" and known not in own.networks:
            yield f"is on network {name}, which is not the copy's own"


def _against_settings(settings: Mapping[str, Any], own: Own) -> Iterator[str]:
    yield from (f"has {key} {settings[key]}" for key in NOTHING if settings.get(key))
    for key, alone in (("PidMode", ("",)), ("IpcMode", ("", "none", "private", "shareable"))):
        value = settings.get(key) or ""
        if value not in alone and value.removeprefix("container:") not in own.containers:
            yield f"has {key} {value}"
    added = {one.upper().removeprefix("CAP_") for one in settings.get("CapAdd") or []} - CAPABILITIES
    if added:
        yield f"has capabilities {', '.join(sorted(added))}"
    loose = [one for one in settings.get("SecurityOpt") or [] if one not in NO_NEW_PRIVILEGES]
    if loose or (settings.get("MaskedPaths") == [] or settings.get("ReadonlyPaths") == []):
        yield f"has security options {', '.join(loose) or 'that show all of /proc'}"
    if (settings.get("Runtime") or "") not in RUNTIMES:
        yield f"has runtime {settings['Runtime']}"
    foreign = [one for one in settings.get("VolumesFrom") or [] if one.partition(":")[0] not in own.containers]
    if foreign:
        yield f"has volumes from {', '.join(foreign)}"
    if (settings.get("RestartPolicy") or {}).get("Name") not in (None, "", "no"):
        yield f"restarts by itself ({settings['RestartPolicy']['Name']})"
    bound = [one for ports in (settings.get("PortBindings") or {}).values() for one in ports or []]
    if any(one.get("HostIp") != LOOPBACK for one in bound):
        yield "has ports that are published beyond loopback"
