"""Fills a copy's volumes from folders, before anything of the copy runs: owners, modes, times and symlinks as they are.

Through a container that is created and never started: the engine unpacks what it is given into the volume itself.
"""

from __future__ import annotations

import shutil
import stat
import tarfile
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLACE = "drillbook-fill"


def copy_file(source: Path, into: Path) -> None:
    """Copies one file, with its mode, owner and times; a copy that is there already is left as it is."""
    if into.exists():
        return
    into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = into.with_suffix(".draft")
    shutil.copy2(source, draft)
    _own(source, draft)
    draft.replace(into)


def fill(client: Any, volume: str, folder: Path, *, image: str, labels: Mapping[str, str]) -> None:
    """Puts all that is in `folder` into the volume; `image` may be any that is here, `labels` are the copy's."""
    from docker.types import Mount

    mount = Mount(f"/{PLACE}", volume, no_copy=True)
    made = client.api.create_container(
        image, ["-"], name=f"{volume}-filling", entrypoint=["-"], labels=dict(labels), host_config=_alone(client, mount)
    )
    try:
        with tempfile.TemporaryFile() as packed:
            pack(folder, packed)
            packed.seek(0)
            client.api.put_archive(made["Id"], "/", packed)
    finally:
        client.api.remove_container(made["Id"], force=True, v=True)


def pack(folder: Path, into: Any) -> None:
    """Writes the folder as a tar archive, under the name of the place that it is unpacked at."""
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.add(folder, arcname=PLACE, filter=_without_sockets)


def _alone(client: Any, mount: Any) -> Any:
    return client.api.create_host_config(mounts=[mount], network_mode="none", cap_drop=["ALL"])


def _without_sockets(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files, folders and symlinks; what was a device or a pipe to somebody is nothing to a copy."""
    return entry if entry.isfile() or entry.isdir() or entry.issym() or entry.islnk() else None


def _own(source: Path, copy: Path) -> None:
    import os

    found = source.stat()
    try:
        os.chown(copy, found.st_uid, found.st_gid)
        copy.chmod(stat.S_IMODE(found.st_mode))
    except PermissionError:  # only root gives files away; it is then ours, as the copy's other files are
        pass
