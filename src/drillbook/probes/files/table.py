"""The table of a service of kind `files`, and which of its files a signal is read from."""

from __future__ import annotations

from typing import Annotated

from drillbook.system.reads import Read
from drillbook.system.services import Service
from drillbook.system.strict import Path_, form

_GLOB = 'write a pattern of names within the folder: "*.dump", "daily/*.gz" or "**/*.tar"'
_NEITHER = 'say as = "age" (how old the newest is), as = "count" (how many there are), or neither: how large it is'

Glob = Annotated[str, form(r"(?!/)(?!.*(^|/)\.\.(/|$)).+", _GLOB, "a pattern of names")]


class FilesService(Service):
    """A folder of files on the machine of the run: backups, exports. Signals are read from it."""

    folder: Path_
    """The folder, by its whole path."""


class FileRead(Read):
    """The newest of the files whose names fit: its age, its size in bytes as the value, or how many fit."""

    newest: Glob
    """Which files are meant."""

    def refused(self, how: str) -> str:
        """That nothing of a file grows by itself within a run's interval."""
        return _NEITHER if how in ("rate", "increase") else ""
