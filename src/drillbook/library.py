"""Where systems are found: the folder that `DRILLBOOK_SYSTEMS` names, then `systems/` of the checkout."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drillbook.mistakes import Mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.system import House, System

PRIVATE = Path(".drillbook")


@dataclass(frozen=True)
class Library:
    """The systems there are.

    `root` is the checkout, or whatever folder pytest runs in; `environ` the environment variables.
    """

    root: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @property
    def folders(self) -> list[Path]:
        """Where systems may be; what is found first is used."""
        own = self.environ.get("DRILLBOOK_SYSTEMS")
        return [*([Path(own)] if own else []), self.root / "systems"]

    def names(self) -> list[str]:
        """The systems there are."""
        return sorted({path.parent.name for folder in self.folders for path in folder.glob("*/system.toml")})

    def targets(self) -> list[str]:
        """Every `system@environment` that a system file declares; a file with mistakes adds nothing here."""
        return [f"{name}@{environment}" for name in self.names() for environment in self._environments(name)]

    def file_of(self, system: str) -> Path:
        """The path of the system's `system.toml`; Mistakes names the systems there are."""
        if system in self.names():
            return next(path for folder in self.folders if (path := folder / system / "system.toml").is_file())
        raise Mistakes([f"no system is called {system!r} (known: {', '.join(self.names()) or 'none'})"])

    def read(self, system: str) -> System:
        """The system file of that name; Mistakes lists everything that is wrong with it."""
        from drillbook.system import read_system

        path = self.file_of(system)
        found = read_system(path)
        if found.system.name != system:
            raise Mistakes([f"{path}: system.name is {found.system.name!r}, but the folder is called {system!r}"])
        return found

    def house(self) -> House:
        """The house defaults: the user's own where there are any, else those of the checkout."""
        from drillbook.system import read_house

        paths = [folder / "house.toml" for folder in self.folders]
        return read_house(next((path for path in paths if path.is_file()), paths[-1]))

    def env_file(self, target: str) -> Path:
        """Where `drillbook up` keeps the addresses of `target`."""
        return self.root / PRIVATE / f"{target}.env"

    def _environments(self, system: str) -> list[str]:
        try:
            return list(self.read(system).environments)
        except Mistakes:
            return []
