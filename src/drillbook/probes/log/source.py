"""Where a log's lines come from, and what is brought home of them: its end, or what was added since a place in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

MEBIBYTE = 1 << 20
MOST = 8 * MEBIBYTE
MUCH = f"more than {MOST // MEBIBYTE} MiB"
TOO_MUCH_ADDED = f"{MUCH} were added between two readings: log less, or elsewhere"
TOO_MUCH_WRITTEN = f"{MUCH} were written in the window: choose a shorter one"


class Unreadable(Exception):
    """Why a log, or what was wanted of it, cannot be read, with the next step."""


@dataclass(frozen=True)
class Mark:
    """A place in a log: `at` is behind the last line that was whole, `file` tells what it is kept in from others."""

    file: str
    at: int

    def to_plain(self) -> dict[str, Any]:
        """The mark as plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Lines:
    """Whole lines of a log; `cut` says that there may be others before them, and `why` what that comes from.

    Lines from before the time `lost`, in seconds since 1970, may be in what it was kept in until then; it was last
    `written` to at that time, where somebody knows. Each line is `stamped` where its time stands in front of it.
    """

    text: bytes
    cut: bool = False
    why: str = TOO_MUCH_WRITTEN
    lost: float = 0.0
    written: float = 0.0
    stamped: bool = False


class Source(Protocol):
    """A log; whatever it cannot do is Unreadable."""

    @property
    def gone(self) -> str:
        """Why lines of a window are lost, where they are."""

    def mark(self) -> Mark:
        """The place behind its last whole line."""

    def end(self, since: float) -> Lines:
        """The lines at its end: those of which one is no older than `since`, at least, as far as they are not cut."""

    def added(self, since: Mapping[str, Any]) -> Lines:
        """The lines that were added since a mark; Unreadable where some of them may be lost."""
