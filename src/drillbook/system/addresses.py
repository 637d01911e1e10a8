"""Addresses and secrets: taken from environment variables, then from the file that `drillbook up` writes."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import keep_header, keep_names, keep_secrets_of
from drillbook.system.spelling import Misspelt, Spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drillbook.system.services import Reference


class Addresses:
    """Fills in references, remembers where each value came from, and collects those that are set nowhere.

    `origins` maps each variable to where it was found: "environment" or the file's path; `notes` says what of an
    application's spelling of its address is not for us.
    """

    def __init__(self, environ: Mapping[str, str], path: Path) -> None:
        self._environ, self._path = environ, path
        self._kept = read_env_file(path)
        self._unset: dict[str, str] = {}
        self._misspelt: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        keep_names(path.stem, *path.stem.split("@"))

    def address(self, reference: Reference | None, where: str, understood: Callable[[str], Spelling] = Spelling) -> str:
        """The URL or DSN behind `reference`, as it is `understood`; empty without one.

        What is secret in it is remembered as such.
        """
        keep_names(*where.split("."))
        value = keep_secrets_of(self._fill(reference, where)) if reference else ""
        return keep_secrets_of(self._spelt(reference, value, where, understood)) if reference and value else ""

    def secret(self, reference: Reference, where: str) -> str:
        """The whole secret behind `reference`, its prefix in front, remembered as a secret."""
        value = self._fill(reference, where)
        keep_header(value)
        keep_header(reference.prefix + value)
        return reference.prefix + value

    def unset(self, target: str) -> list[str]:
        """One line for each variable that is set nowhere."""
        return [
            f"{variable} is not set ({where} of {target}): export it, or run `drillbook up` for a local copy"
            for variable, where in self._unset.items()
        ]

    def misspelt(self, target: str) -> list[str]:
        """One line for each variable whose address no client of that kind understands, with what to change."""
        return [f"${variable} of {target} {words}" for variable, words in self._misspelt.items()]

    def overridden(self) -> list[str]:
        """The variables whose value in the environment differs from the one that `drillbook up` wrote."""
        return [name for name, value in self._kept.items() if self._environ.get(name, value) != value]

    def _fill(self, reference: Reference, where: str) -> str:
        name = reference.env
        value = self._environ.get(name) or self._kept.get(name, "")
        if value:
            self.origins[name] = "environment" if self._environ.get(name) else str(self._path)
        else:
            self._unset.setdefault(name, where)
        return value

    def _spelt(self, reference: Reference, value: str, where: str, understood: Callable[[str], Spelling]) -> str:
        try:
            spelling = understood(value)
        except Misspelt as error:
            self._misspelt.setdefault(reference.env, f"({where}) {error}")
            return value
        if spelling.notes:
            self.notes[reference.env] = "; ".join(spelling.notes)
        return spelling.address


def read_env_file(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of `path`; nothing where there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    except PermissionError as error:
        raise Mistakes([f"{path} cannot be read: {error.strerror}: whose is its folder?"]) from None
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Writes `values` as `NAME=value` lines, whole or not at all, readable by its owner alone."""
    make_private(path.parent)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    draft.replace(path)


def make_private(folder: Path) -> None:
    """Makes the folder for what is of this machine alone, and nothing for a repository to keep."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as ignored:
        ignored.write("*\n")
