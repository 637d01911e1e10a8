"""Examples: whole system files, one of each kind beside its table; what is shown of a key is taken from them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drillbook.system.kinds import Kind

WHOLE = Path(__file__).with_name("example.toml")
FIRST = Path(__file__).with_name("first.toml")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def text_of(kind: Kind) -> str:
    """The example of a kind; empty where its folder has none."""
    path = kind.defaults.with_name(WHOLE.name)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def document(text: str) -> dict[str, Any]:
    """What an example holds."""
    return tomllib.loads(text)


def part(text: str, name: str) -> str:
    """The tables of an example that begin with that name, as they are written there."""
    blocks = re.split(r"\n(?=\[)", text)
    return "\n".join(block for block in blocks if re.match(rf"\[{name}\b", block)).strip()


def written(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {written(one)}' for key, one in value.items())} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str) and ("\\" in value or '"' in value) and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if _PLAIN.fullmatch(key) else json.dumps(key)
