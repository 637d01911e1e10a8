"""The exit codes, and the reasons of UNKNOWNs in groups: each with what can be done about it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from drillbook.report.page.words import MEANINGS

TABLE = Path(__file__).with_name("messages.toml")


@dataclass(frozen=True)
class Reasons:
    """A group of reasons for which something is UNKNOWN: `says` are their forms, with * for what differs."""

    name: str
    why: str
    next: str
    says: tuple[str, ...]

    def fit(self, reason: str) -> bool:
        """Whether that reason is one of them."""
        return any(fnmatchcase(reason, form.replace("[", "[[]")) for form in self.says)

    @property
    def anchor(self) -> str:
        """Where the page speaks of them."""
        return "".join(one for one in self.name.lower().replace(" ", "-") if one.isalnum() or one == "-")


@cache
def groups() -> tuple[Reasons, ...]:
    """The groups there are; of two that fit a reason, the first one speaks for it."""
    return tuple(Reasons(one["name"], one["why"], one["next"], tuple(one["says"])) for one in _table()["reasons"])


def group_of(reason: str) -> Reasons | None:
    """The group that speaks for that reason."""
    return next((one for one in groups() if one.fit(reason)), None)


def code(number: int) -> list[str]:
    """What an exit code means, and what to do then; nothing of one that there is not."""
    if number not in MEANINGS:
        return []
    return [f"{number}: {MEANINGS[number]}.", f"Next: {_table()['next'][str(number)]}"]


def page() -> list[str]:
    """The tables of the page: the exit codes, and the groups with their forms."""
    codes = [
        f'| <a id="{one}"></a>{one} | {MEANINGS[one]} | {_table()["next"][str(one)]} |' for one in sorted(MEANINGS)
    ]
    lines = ["| code | what it means | what to do |", "|---|---|---|", *codes, "", "## Why something is UNKNOWN", ""]
    for one in groups():
        forms = ", ".join(f"`{form.replace('*', '…')}`" for form in one.says)
        lines += [f'<a id="{one.anchor}"></a>\n### {one.name}\n', one.why, "", f"What to do: {one.next}", ""]
        lines += [f"It reads like: {forms}", ""]
    return lines


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
