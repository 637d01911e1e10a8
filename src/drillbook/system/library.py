"""Where systems are found: the folder that `DRILLBOOK_SYSTEMS` names, then `systems/` of the checkout."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.common.standard import standard
from drillbook.system.kinds import OWN, kinds, kinds_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from drillbook.system.file import House, System

PRIVATE = Path(".drillbook")


@dataclass(frozen=True)
class Library:
    """The systems there are.

    `root` is the checkout, or whatever folder pytest runs in, whose `kinds/` are found as well; `environ` the
    environment variables.
    """

    root: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def __post_init__(self) -> None:
        kinds_in(self.root / OWN)

    @property
    def folders(self) -> list[Path]:
        """Where systems may be; what is found first is used."""
        own = self.environ.get("DRILLBOOK_SYSTEMS")
        return [*([Path(own)] if own else []), self.root / "systems"]

    def names(self) -> list[str]:
        """The systems there are."""
        return sorted(self.beside("system.toml"))

    def beside(self, file: str) -> dict[str, Path]:
        """The files of that name in the folders of systems, by folder; some of these have no `system.toml` yet."""
        globbed = (path for folder in reversed(self.folders) for path in folder.glob(f"*/{file}"))
        found = [path for path in globbed if path.is_file()]
        return {path.parent.name: path for path in sorted(found, key=lambda path: path.parent.name)}

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
        from drillbook.system.file import read_system

        path = self.file_of(system)
        found = read_system(path, self.shown(path))
        if found.system.name != system:
            words = f"is {found.system.name!r}, but the folder is called {system!r}: give both one name"
            raise Mistakes(self.told(system, [f"system.name: {words}"]))
        return found

    def told(self, system: str, mistakes: Iterable[str]) -> list[str]:
        """Mistakes of the system's file, which begin with the place that they are about, with the line of that."""
        from drillbook.system.document import text_of
        from drillbook.system.lines import told

        path = self.file_of(system)
        name = self.shown(path)
        return told(name, text_of(path, name), mistakes)

    @contextmanager
    def telling(self, system: str) -> Iterator[None]:
        """Has mistakes about the table [stack] of the system's file told as those of that file."""
        try:
            yield
        except Mistakes as found:
            found.lines = [self.told(system, [line])[0] if line.startswith("stack.") else line for line in found.lines]
            raise

    def house(self) -> House:
        """The house defaults, by name: the user's own go before the standard ones, and these before those of kinds."""
        from drillbook.system.file import House, read_house

        houses = [folder / "house.toml" for folder in (standard() / "systems", *reversed(self.folders))]
        paths = [*(kind.defaults for kind in kinds().values()), *{path.resolve(): path for path in houses}.values()]
        brought = [read_house(path, self.shown(path)).limits for path in paths if path.is_file()]
        return House(limits={name: table for limits in brought for name, table in limits.items()})

    def shown(self, path: Path) -> str:
        """The path as reports print it: below the root, if it is there."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)

    def env_file(self, target: str) -> Path:
        """Where `drillbook up` keeps the addresses of `target`."""
        return self.root / PRIVATE / f"{target}.env"

    def asked_file(self, target: str) -> Path:
        """Where runs keep what they asked of `target`, as far as a budget counts it."""
        return self.root / PRIVATE / f"{target}.asked"

    def _environments(self, system: str) -> list[str]:
        try:
            return list(self.read(system).environments)
        except Mistakes:
            return []
