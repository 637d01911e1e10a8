"""A line of a journal, read with suspicion: every question has an answer of the right type, whatever the line holds."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST = 1000
MOST = 500
LARGEST = 1e12  # of what is counted or drawn; a verdict's value may be larger


class Facts:
    """What one line, or a table inside it, says; `odd` once something in it was not what it should have been."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self._plain = plain
        self.odd = False

    @property
    def kind(self) -> str:
        """The line's kind."""
        return self.text("kind")

    def text(self, key: str) -> str:
        """A text, cut where it is absurdly long; empty where there is none."""
        found = self._get(key, str)
        return "" if found is None else _cut(found)

    def number(self, key: str) -> float | None:
        """A finite number, or None; yes and no are no numbers."""
        found = self._get(key, int, float)
        if found is None:
            return None
        with suppress(OverflowError):
            number = math.nan if isinstance(found, bool) else float(found)
            if math.isfinite(number):
                return number
        self.odd = True
        return None

    def amount(self, key: str) -> float | None:
        """A number that can be counted and drawn: not negative, and not absurdly large."""
        found = self.number(key)
        if found is None or 0 <= found <= LARGEST:
            return found
        self.odd = True
        return None

    def count(self, key: str) -> int:
        """How many; 0 where nothing is said."""
        return int(self.amount(key) or 0)

    def flag(self, key: str) -> bool:
        """Whether it is said to be so."""
        return bool(self._get(key, bool))

    def moment(self, key: str = "t") -> float | None:
        """A time as seconds since 1970 (UTC)."""
        with suppress(ValueError, OverflowError):
            found = datetime.fromisoformat(self._get(key, str) or "")
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        self.odd = True
        return None

    def texts(self, key: str) -> list[str]:
        """A list of texts, the first MOST of them; one text counts as a list of one."""
        found = self._plain.get(key)
        if isinstance(found, str):
            return [_cut(found)] if found else []
        found = self._get(key, list) or []
        self.odd |= not all(isinstance(one, str) for one in found)
        return [_cut(one) for one in found[:MOST] if isinstance(one, str)]

    def tables(self, key: str) -> list[Facts]:
        """A list of tables, the first MOST of them."""
        found = self._get(key, list) or []
        self.odd |= not all(isinstance(one, dict) for one in found)
        return [Facts(one) for one in found[:MOST] if isinstance(one, dict)]

    def length(self, key: str) -> int:
        """How long a list is."""
        return len(self._get(key, list) or [])

    def table(self, key: str) -> Facts:
        """A table, empty where there is none."""
        return Facts(self._get(key, dict) or {})

    def names(self) -> list[str]:
        """What the table speaks of."""
        return list(self._plain)

    def value(self, key: str) -> float | bool | None:
        """What a verdict was about: a number, yes or no, or nothing."""
        found = self._plain.get(key)
        return found if isinstance(found, bool) else self.number(key)

    def _get(self, key: str, *kinds: type) -> Any:
        found = self._plain.get(key)
        if found is None or isinstance(found, kinds):
            return found
        self.odd = True
        return None


def read(path: Path) -> Iterator[Facts | None]:
    """Each line of the journal at `path`, None for one that is not JSON or says not what kind it is; OSError."""
    with path.open("rb") as lines:
        for line in lines:
            if line.strip():
                yield _parse(line)


def _parse(line: bytes) -> Facts | None:
    try:
        plain = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return Facts(plain) if isinstance(plain, dict) and isinstance(plain.get("kind"), str) else None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
