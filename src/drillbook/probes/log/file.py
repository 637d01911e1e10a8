"""A log file as it is read: its end, or what was added since a place in it, and never more than so many bytes."""

from __future__ import annotations

import glob
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drillbook.probes.log.source import MOST, TOO_MUCH_ADDED, Lines, Mark, Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCK = 1 << 16


@dataclass(frozen=True)
class File:
    """A log file on the machine of the run: a source of lines."""

    path: str
    gone = "it was rotated within the window: some of its lines are in another file"

    def mark(self) -> Mark:
        """The place behind its last whole line."""
        with _Open(self.path) as opened:
            return Mark(opened.name, opened.size - len(_after_the_last_line(opened)))

    def end(self, _since: float) -> Lines:
        """The lines at its end."""
        with _Open(self.path) as opened:
            begin, written = max(0, opened.size - MOST), opened.written
            text = _whole(opened.read(begin, opened.size))
        text = text.partition(b"\n")[2] if begin else text
        return Lines(text, cut=begin > 0, lost=self._put_away(), written=written)

    def added(self, since: Mapping[str, Any]) -> Lines:
        """The lines that were added since a mark; Unreadable where the file is another one by now, or shorter."""
        before = Mark(**since)
        with _Open(self.path) as opened:
            if opened.name != before.file:
                raise Unreadable("it was rotated between two readings: some of its lines are in another file")
            if opened.size < before.at:
                raise Unreadable("it was truncated between two readings: some of its lines are gone")
            if opened.size - before.at > MOST:
                raise Unreadable(TOO_MUCH_ADDED)
            return Lines(_whole(opened.read(before.at, opened.size)))

    def _put_away(self) -> float:
        """When the newest file beside it that it was rotated to was last written; 0 where there is none."""
        own = Path(self.path)
        name, stem, suffix = map(glob.escape, (own.name, own.stem, own.suffix))
        others = {one for form in (f"{name}[._-]*", f"{stem}[._-][0-9]*{suffix}*") for one in own.parent.glob(form)}
        return max((one.stat().st_mtime for one in others - {own} if one.is_file()), default=0.0)


class _Open:
    """A plain file, open; its size, and when it was last written to, are those of when it was opened."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> _Open:
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would have us wait
        except FileNotFoundError:
            raise Unreadable(f"there is no {self._path} on this machine: check file, or run where it is") from None
        except PermissionError:
            raise Unreadable(f"this user may not read {self._path}: add it to the group of the file") from None
        about = os.fstat(self._file)
        if not stat.S_ISREG(about.st_mode):
            os.close(self._file)
            raise Unreadable(f"{self._path} is no plain file: check file")
        self.name, self.size, self.written = f"{about.st_dev}:{about.st_ino}", about.st_size, about.st_mtime
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def read(self, since: int, until: int) -> bytes:
        """What stands there."""
        return os.pread(self._file, until - since, since)


def _after_the_last_line(opened: _Open) -> bytes:
    """What stands behind the last line end; of one that is very long, as much of it as we look at."""
    last = opened.read(max(0, opened.size - _BLOCK), opened.size)
    return last.rpartition(b"\n")[2] if b"\n" in last or len(last) == opened.size else b""


def _whole(text: bytes) -> bytes:
    """Without a last line that is still being written."""
    before, newline, _ = text.rpartition(b"\n")
    return before + newline
