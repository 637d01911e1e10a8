"""A folder of files: can it be listed? What its files are is a signal's."""

from __future__ import annotations

from dataclasses import dataclass

from drillbook.probes.files.reading import folder_of
from drillbook.probes.log.noun import Log


@dataclass
class Files(Log):
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    up: str = "files.readable"

    @property
    def by(self) -> str:
        """What was read: the service's name, and the folder."""
        return f"{self.service.name} {folder_of(self.service)}"
