"""Names of limits: `NAME(SERVICE)` taken apart, and what somebody may have meant."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_ONE = re.compile(r"(?P<name>[^()]+)\((?P<service>[^()]*)\)")


def split(title: str) -> tuple[str, str]:
    """`redis.memory(broker)` as its two parts; the second is empty for a limit of every service."""
    found = _OF_ONE.fullmatch(title)
    return (found["name"], found["service"]) if found else (title, "")


def nearest(name: str, known: Iterable[str]) -> str:
    """The known names that come nearest, or all of them, as the end of a message."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f": did you mean {' or '.join(near)}?" if near else f" (known: {', '.join(sorted(known))})"
