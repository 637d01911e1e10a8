"""The private temporary folder of a run: its name says whose it is, so that it can be found after a crash."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from drillbook.supervisor.owner import Owner, read_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED = re.compile(r"drillbook-(.{36})-(\d+)-(\d+)-(\d+)")


def folder_of(owner: Owner) -> Path:
    """Where the folder of `owner` is, or would be."""
    return Path(tempfile.gettempdir()) / f"drillbook-{str(owner).replace(':', '-')}"


def make_folder(owner: Owner) -> Path:
    """Makes the folder of `owner`, readable by nobody else; FileExistsError where somebody was there before."""
    folder = folder_of(owner)
    folder.mkdir(mode=0o700)
    return folder


def folders() -> Iterator[tuple[Path, Owner]]:
    """Every folder of this user's that a supervisor made, and who made it."""
    for path in Path(tempfile.gettempdir()).glob("drillbook-*"):
        found = _NAMED.fullmatch(path.name)
        owner = found and read_owner(":".join(found.groups()))
        if owner and path.is_dir() and not path.is_symlink() and path.lstat().st_uid == os.geteuid():
            yield path, owner


def remove_folder(folder: Path) -> bool:
    """Removes `folder` with all that is in it; whether it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
