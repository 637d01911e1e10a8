"""Tables of a system file as text: a comment above each, and below it what may be said there."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.common.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WRAPPER = textwrap.TextWrapper(
    118, initial_indent="# ", subsequent_indent="# ", break_long_words=False, break_on_hyphens=False
)


@dataclass(frozen=True)
class Table:
    """One table: its name, its keys, and comments above and below; without keys it is its comments alone."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As it stands in the file."""
        head = [f"[{self.name}]", *(f"{key} = {value_of(one)}" for key, one in self.values.items())]
        lines = [*_comments(self.above), *(head if self.values else []), *_comments(self.below)]
        return "".join(f"{line}\n" for line in lines)


def text_of(tables: Iterable[Table]) -> str:
    """The whole file."""
    return "\n".join(table.text for table in tables)


def value_of(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key_of(key)} = {value_of(one)}' for key, one in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_of, value))}]"
    if isinstance(value, str) and {'"', "\\"} & {*value} and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key_of(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else value_of(key)


def _comments(notes: Iterable[str]) -> list[str]:
    """What is long is wrapped; what is to be copied (it begins with blanks) stays as it is."""
    plain = [inert(note) for note in notes if note]
    return [line for note in plain for line in ([f"#{note}"] if note.startswith("  ") else _WRAPPER.wrap(note))]
