"""What durations are counted in: the file says it, or the name does."""

from __future__ import annotations

import re
from typing import Literal

Unit = Literal["s", "ms", "us"]
MILLISECONDS: dict[str, float] = {"s": 1000.0, "ms": 1.0, "us": 0.001}
_WORDS: dict[str, Unit] = {
    "seconds": "s", "secs": "s",
    "milliseconds": "ms", "millis": "ms", "msec": "ms", "ms": "ms",
    "microseconds": "us", "micros": "us", "usec": "us", "us": "us",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def unit_in(name: str) -> Unit | None:
    """The unit that a name says (`took_milliseconds`, `$.p95Ms`), the last one where it says several, or None."""
    found = [_WORDS[word] for one in _WORD.findall(name) if (word := one.lower()) in _WORDS]
    return found[-1] if found else None
