"""Addresses and secrets: taken from environment variables, then from the file that `drillbook up` writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from drillbook.redact import keep_secret, keep_secrets_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from drillbook.system import Reference


class Addresses:
    """Fills in references, remembers where each value came from, and collects those that are set nowhere.

    `origins` maps each variable to where it was found: "environment" or the file's path.
    """

    def __init__(self, environ: Mapping[str, str], path: Path) -> None:
        self._environ, self._path = environ, path
        self._kept = read_env_file(path)
        self._unset: dict[str, str] = {}
        self.origins: dict[str, str] = {}

    def address(self, reference: Reference | None, where: str) -> str:
        """The URL or DSN behind `reference`, with its password remembered as a secret; empty without one."""
        return keep_secrets_of(self._fill(reference, where)) if reference else ""

    def secret(self, reference: Reference, where: str) -> str:
        """The whole secret behind `reference`, its prefix in front, remembered as a secret."""
        return reference.prefix + keep_secret(self._fill(reference, where))

    def unset(self, target: str) -> list[str]:
        """One line for each variable that is set nowhere."""
        return [
            f"{variable} is not set ({where} of {target}): export it, or run `drillbook up` for a local copy"
            for variable, where in self._unset.items()
        ]

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


def read_env_file(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of `path`; nothing where there is no such file."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Writes `values` as `NAME=value` lines, whole or not at all, readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    draft.replace(path)
