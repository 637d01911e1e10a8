"""The ground that a copy stands on: which of this machine's files a container of a copy may be shown, and which never.

Nothing is changed here, and nothing is read but names, kinds and sizes.
"""

from __future__ import annotations

import os
import re
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

ENGINES = (
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/buildkit/buildkitd.sock",
)
KERNEL = ("/sys",)
SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/sbin", "/usr")
# Themselves only: people keep folders of their own in them.
ROOTS = ("/", "/home", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var", "/var/lib", "/var/log")  # noqa: S108 (refused)
MOST_ENTRIES = 100_000


@dataclass(frozen=True)
class Survey:
    """What a folder holds: how many files and folders, their bytes, its sockets and pipes; `whole`: all was seen."""

    entries: int = 0
    size: int = 0
    sockets: int = 0
    whole: bool = True


@dataclass(frozen=True)
class Ground:
    """This machine, as far as it matters to mounts.

    `sockets` are the engines', `data` is where the engine keeps everything, `mounts` are the machine's mount points;
    `deep`: read-only mounts of this engine are read-only all the way down.
    """

    sockets: tuple[Path, ...]
    data: Path
    mounts: tuple[Path, ...] = ()
    deep: bool = False

    def against(self, path: Path, *, writable: bool) -> str:
        """What speaks against showing `path`, which exists and has no symlink in it, to a container; or nothing."""
        mode = path.stat().st_mode
        if stat.S_ISSOCK(mode):
            return "is a socket, through which the copy would reach whatever listens on this machine"
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or _within(path, ("/dev",)):
            return "is, or holds, this machine's devices"
        return self._exposes(path) or self._system(path, writable=writable)

    def is_kernels(self, path: Path) -> bool:
        """Whether what is in `path` are no files, but what the kernel says: it changes while one looks."""
        return _within(path, KERNEL)

    def is_open_below(self, path: Path) -> bool:
        """Whether something is mounted below `path` that would stay writable in a read-only mount of it."""
        return not self.deep and any(path in mount.parents for mount in self.mounts)

    def _exposes(self, path: Path) -> str:
        if _within(path, ("/proc",)):
            return "leads, through the processes in it, into the files of other containers, to be written to"
        held = next((socket for socket in self.sockets if path in socket.parents), None)
        if held:
            return f"holds the engine's socket {held}"
        if path == self.data or path in self.data.parents or self.data in path.parents:
            return f"lies in, or holds, the engine's own folder {self.data}"
        return ""

    def _system(self, path: Path, *, writable: bool) -> str:
        if _within(path, KERNEL):
            if writable:
                return "would let the copy write to this machine's kernel"
            return "has mounts below it that stay writable on this engine" if self.is_open_below(path) else ""
        if writable and path.is_dir() and (str(path) in ROOTS or _within(path, SYSTEM)):
            return "is a folder of this machine's own system, and writable"
        return ""


def this_ground(client: object, socket: str) -> Ground:
    """The ground as the engine behind `client`, whose socket is `socket`, and the kernel describe it."""
    info = client.info()  # type: ignore[attr-defined]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    named = [*ENGINES, socket, *([f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"] if runtime else [])]
    sockets = {Path(one) for one in named if one} | {Path(os.path.realpath(one)) for one in named if one}
    new = _number(info.get("ServerVersion", "")) >= (25, 0) and _number(info.get("KernelVersion", "")) >= (5, 12)
    return Ground(tuple(sorted(sockets)), Path(os.path.realpath(info["DockerRootDir"])), _mount_points(), deep=new)


def leads_here(host: str) -> bool:
    """Whether an entry of `extra_hosts`, `name=address`, leads a container to this machine."""
    address = re.split("[=:]", host, maxsplit=1)[-1].strip("[]")
    return address == "host-gateway" or (not address.startswith(("127.", "::1")) and _is_this_machines(address))


def _is_this_machines(address: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.bind((address, 0))
    except OSError:
        return False
    return True


def survey(folder: Path, most: int = MOST_ENTRIES) -> Survey:
    """What `folder` holds; looks at no more than `most` entries. OSError where a part of it cannot be read."""
    entries = size = sockets = 0
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for one in found:
                kind = one.stat(follow_symlinks=False)
                entries, size = entries + 1, size + (kind.st_size if stat.S_ISREG(kind.st_mode) else 0)
                sockets += stat.S_ISSOCK(kind.st_mode) or stat.S_ISFIFO(kind.st_mode)  # written to, also if read-only
                if entries > most:
                    return Survey(entries, size, sockets, whole=False)
                if one.is_dir(follow_symlinks=False):
                    waiting.append(Path(one.path))
    return Survey(entries, size, sockets)


def _within(path: Path, folders: tuple[str, ...]) -> bool:
    return any(path == Path(folder) or Path(folder) in path.parents for folder in folders)


def _number(version: str) -> tuple[int, int]:
    digits = "".join(letter if letter.isdigit() else " " for letter in version).split()
    return (int(digits[0]), int(digits[1])) if len(digits) > 1 else (0, 0)


def _mount_points() -> tuple[Path, ...]:
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return (Path("/unknown"),)
    return tuple(Path(line.split()[4].encode().decode("unicode_escape")) for line in lines)
