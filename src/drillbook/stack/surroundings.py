"""What lies around a copy's services: networks, volumes, configs and secrets, each the copy's own or read alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.stack.allowed import is_in_memory
from drillbook.stack.mounts import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.stack.marks import Marks
    from drillbook.stack.mounts import Mounts

MTU = "com.docker.network.driver.mtu"
BYTES = {"k": 1 << 10, "m": 1 << 20}
BLOCK = 4096  # bytes, and a block to an inode


@dataclass
class Surroundings:
    """Makes them for one document; `lines` says what was replaced. `sizes`: the volumes that are to be in memory."""

    config: Mapping[str, Any]
    marks: Marks
    mounts: Mounts
    sizes: Mapping[str, str]
    lines: dict[str, None] = field(default_factory=dict)

    def network(self, name: str, network: Mapping[str, Any]) -> dict[str, Any]:
        """A bridge of the copy's own."""
        options = network.get("driver_opts") or {}
        why = [
            *(["external"] if network.get("external") else []),
            *(["of a fixed name"] if _fixed(network, self.marks.project, name) else []),
            *([f"of the driver {network['driver']}"] if network.get("driver") not in (None, "", "bridge") else []),
            *(["with options"] if set(options) - {MTU} else []),
            *(["with fixed addresses"] if (network.get("ipam") or {}).get("config") else []),
        ]
        if why:
            self.lines[f"network {name} is {' and '.join(why)}: the copy has one of its own"] = None
        kept: dict[str, Any] = {"driver_opts": {MTU: options[MTU]}} if MTU in options else {}
        return {**kept, **({"internal": True} if network.get("internal") else {}), "labels": dict(self.marks.labels)}

    def volume(self, name: str, volume: Mapping[str, Any]) -> dict[str, Any]:
        """A volume of the copy's own, on this engine."""
        options, said = volume.get("driver_opts") or {}, self.mounts.contents.get(name, EMPTY)
        in_memory = is_in_memory(options) and volume.get("driver") in (None, "", "local")
        why = [
            *(["external"] if volume.get("external") else []),
            *(["of a fixed name"] if _fixed(volume, self.marks.project, name) else []),
            *([f"of the driver {volume['driver']}"] if volume.get("driver") not in (None, "", "local") else []),
            *(["kept elsewhere by its options"] if options and not in_memory else []),
        ]
        folder = self.mounts.folder(said) if said != EMPTY else None
        if folder and (name in self.sizes or in_memory):
            line = f"stack.contents: {name} is in memory and cannot be filled: take it out of stack.volumes"
            self.mounts.mistakes.append(line)
        if folder:
            self.mounts.fills[name] = folder
        if why:
            with_ = f"filled from {folder}" if folder else EMPTY
            self.lines[f"volume {name} is {' and '.join(why)}: the copy has one of its own, {with_}"] = None
        if name in self.sizes:
            options = {"type": "tmpfs", "device": "tmpfs", "o": _bounds(self.sizes[name])}
        kept = {"driver": "local", "driver_opts": dict(options)} if in_memory or name in self.sizes else {}
        return {**kept, "labels": dict(self.marks.labels)}

    def files(self, section: str) -> dict[str, Any]:
        """Configs and secrets: what is a file is read as a mount is, and refused as one is."""
        return {name: self._file(section, name, one or {}) for name, one in self.config[section].items()}

    def _file(self, section: str, name: str, one: Mapping[str, Any]) -> dict[str, Any]:
        if one.get("file"):
            mount = {"type": "bind", "source": one["file"], "target": f"/{name}", "read_only": True}
            made = self.mounts.of(f"{section}.{name}", [mount], alone=True)
            source = made[0].get("source", "") if made and made[0]["type"] == "bind" else None
            if source is None and made:
                line = f"{section}.{name}.file: {one['file']} cannot be read as it is: name a file"
                self.mounts.mistakes.append(line)
            return {"file": source} if source else {}
        return {key: one[key] for key in ("content", "environment") if key in one}


def _fixed(thing: Mapping[str, Any], project: str, name: str) -> bool:
    return not thing.get("external") and thing.get("name", f"{project}_{name}") != f"{project}_{name}"


def _bounds(size: str) -> str:
    """The options of a file system in memory of that size, with as many inodes as a small one on a disk has."""
    blocks = int(size[:-1]) * BYTES[size[-1]] // BLOCK
    return f"size={size},nr_inodes={blocks}"
