"""What a copy has in place of the user's folders, files and volumes: its own, and what is only read as it is.

One object for one document: what several services share in the file, the services of the copy share too.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drillbook.stack.allowed import NEXT_STEP
from drillbook.stack.ground import Survey, survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.stack.ground import Ground

EMPTY = "empty"
MOST_BYTES, MOST_FILES = 64 * 2**20, 10_000
KNOWN = {"bind", "consistency", "read_only", "source", "target", "tmpfs", "type", "volume"}


@dataclass
class Mounts:
    """Makes the mounts of a copy's services; what it found on the way is in its fields.

    `contents` is what the system file says of them, `given` the folder it is relative to, `private` a folder of ours
    for copies of single files. `fills`: which folder each volume is to be filled from. `read_only`: what stays the
    user's own, to be read alone.
    """

    ground: Ground
    contents: Mapping[str, str]
    given: Path
    private: Path
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    fills: dict[str, Path] = field(default_factory=dict)
    files: dict[Path, Path] = field(default_factory=dict)
    read_only: set[str] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    said: dict[str, None] = field(default_factory=dict)  # in order, each once
    _written: set[str] = field(default_factory=set)

    def note_written(self, services: Mapping[str, Any]) -> None:
        """Remembers what any service writes to: nobody reads the user's own of it then."""
        for name, service in services.items():
            for one in service.get("volumes") or []:
                if one["type"] == "bind" and not one.get("read_only") and self._says(name, one) is None:
                    self._written.add(os.path.realpath(_plain(one["source"])))

    def of(self, name: str, mounts: list[dict[str, Any]], *, alone: bool) -> list[dict[str, Any]]:
        """The mounts that service `name` has in the copy; `alone`: it has one container only."""
        return [made for number, one in enumerate(mounts) for made in self._made(name, number, one, alone=alone)]

    def _made(self, name: str, number: int, mount: dict[str, Any], *, alone: bool) -> Iterator[dict[str, Any]]:
        where = f"services.{name}.volumes"
        unknown = sorted(set(mount) - KNOWN)
        if unknown or mount["type"] not in ("bind", "tmpfs", "volume"):
            self.refusals.append(f"{where}: {unknown or mount['type']} is not known to be safe: {NEXT_STEP}")
        elif (said := self._says(name, mount)) is not None:
            yield self._instead(mount, _key(f"{name}-{mount['target']}"), said)
        elif mount["type"] == "bind":
            yield from self._bind(name, mount)
        elif mount["type"] == "volume" and not mount.get("source") and alone:
            yield self._instead(mount, _key(f"{name}-{number}-{mount['target']}"), None)
        else:
            yield self._named(mount)

    def _says(self, name: str, mount: Mapping[str, Any]) -> str | None:
        return self.contents.get(f"{name}:{_plain(mount['target'])}")

    def _named(self, mount: dict[str, Any]) -> dict[str, Any]:
        if mount.get("source") in self.fills:
            return {**mount, "volume": {**(mount.get("volume") or {}), "nocopy": True}}
        return mount

    def _bind(self, name: str, mount: dict[str, Any]) -> Iterator[dict[str, Any]]:
        try:
            yield from self._judged(name, mount)
        except OSError as error:  # somebody else's, behind a folder that we may not look into
            what, where = f"{name}:{_plain(mount['target'])}", f"{_where(name)}: {_plain(mount['source'])}"
            self.mistakes.append(f"{where} cannot be looked through ({error.strerror}): {_next(what)}")

    def _judged(self, name: str, mount: dict[str, Any]) -> Iterator[dict[str, Any]]:
        source, target, reads = _plain(mount["source"]), _plain(mount["target"]), bool(mount.get("read_only"))
        where, real = f"{_where(name)}: {source}:{target}", Path(os.path.realpath(source))
        if not real.exists():
            self.said[f"{source} does not exist: the copy has an empty volume in its place"] = None
            yield self._instead(mount, _key(str(real)), None)
            return
        against = self.ground.against(real, writable=not reads)
        if against:
            say = f'say [stack.contents] "{name}:{target}" = "{EMPTY}", or leave the service out ([stack] leave_out)'
            self.refusals.append(f"{where} {against}: {say}")
        elif real.is_file():
            yield self._file(mount, real)
        else:
            yield from self._folder(mount, real, f"{name}:{target}", where)

    def _file(self, mount: dict[str, Any], real: Path) -> dict[str, Any]:
        """A file that nobody writes to stays the user's own."""
        if str(real) not in self._written:
            return self._reading(mount, real)
        own = self.private / f"{_key(str(real))}"
        self.files[own] = real
        self.said[f"file {real} is written to: the copy writes to a copy of it"] = None
        return _bound(mount, own)

    def _folder(self, mount: dict[str, Any], real: Path, what: str, where: str) -> Iterator[dict[str, Any]]:
        found = Survey() if self.ground.is_kernels(real) else survey(real)
        written = str(real) in self._written
        if not (written or found.sockets or self.ground.is_open_below(real)) and found.whole:
            yield self._reading(mount, real)
        elif not found.whole or found.entries > MOST_FILES or found.size > MOST_BYTES:
            self.mistakes.append(f"{where} {_too_big(found)}: {_next(what)}")
        else:
            why = "is written to" if written else "would not be read alone"
            self.said[f"folder {real} {why}: the copy has a copy of it ({_much(found)})"] = None
            self.fills[_key(str(real))] = real
            yield self._instead(mount, _key(str(real)), None)

    def _reading(self, mount: dict[str, Any], real: Path) -> dict[str, Any]:
        self.read_only.add(str(real))
        return _bound(mount, real)

    def _instead(self, mount: Mapping[str, Any], key: str, said: str | None) -> dict[str, Any]:
        """The same mount of a volume of the copy's own: `said` is what it holds, where the system file says it."""
        self.volumes[key] = {}
        if said and said != EMPTY and (folder := self.folder(said)):
            self.fills[key] = folder
        filled = key in self.fills or mount["type"] == "bind"  # what an image has there is not what the user sees
        kept = {name: mount[name] for name in ("target", "read_only") if name in mount}
        return {"type": "volume", "source": key, **kept, "volume": {"nocopy": True} if filled else {}}

    def folder(self, said: str) -> Path | None:
        """The folder to fill a volume from; None, and a mistake, where it is none or too big."""
        real = Path(os.path.realpath(self.given / said))
        try:
            found = survey(real) if real.is_dir() else None
        except OSError:
            found = None
        if found is None:
            self.mistakes.append(f'stack.contents: {real} is no folder that can be read: name one, or say "{EMPTY}"')
        elif not found.whole or found.entries > MOST_FILES or found.size > MOST_BYTES:
            self.mistakes.append(f"stack.contents: {real} {_too_big(found)}: name a smaller one")
        else:
            return real
        return None


def _bound(mount: Mapping[str, Any], source: Path) -> dict[str, Any]:
    """A bind of exactly that: nothing is made where it is missing, nothing is propagated, nothing is relabelled."""
    kept = {name: mount[name] for name in ("target", "read_only") if name in mount}
    return {"type": "bind", "source": str(source).replace("$", "$$"), **kept, "bind": {"create_host_path": False}}


def _key(text: str) -> str:
    """A volume's name in the document: the end of what it stands for, and what tells it from others of that end."""
    end = re.sub(r"[^A-Za-z0-9]+", "-", text.rpartition("/")[2]).strip("-")[:30] or "own"
    return f"own-{end}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _where(name: str) -> str:
    """The key that a mount stands under: a service's volumes, or the file of one of the configs or secrets."""
    return f"{name}.file" if name.startswith(("configs.", "secrets.")) else f"services.{name}.volumes"


def _plain(text: str) -> str:
    return text.replace("$$", "$")


def _much(found: Survey) -> str:
    return f"{found.entries} files, {found.size / 2**20:.1f} MiB"


def _too_big(found: Survey) -> str:
    much = _much(found) if found.whole else f"more than {found.entries - 1} files"
    return f"is too big to be copied ({much}; at most {MOST_FILES} files, {MOST_BYTES // 2**20} MiB)"


def _next(what: str) -> str:
    return f'say what the copy has there: [stack.contents] "{what}" = "{EMPTY}", or a small folder'
