"""Whatever this process writes to its terminal goes through `scrub`, whoever writes it: pytest, a check, a traceback.

A line is scrubbed as a whole: it is kept until its end, or until somebody flushes. What a child process or C code
writes to the file descriptor itself passes by. Where nobody reads any more (`| head -1`) or nothing more fits, what is
written is dropped: what a run found out does not depend on who listens.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from drillbook.common.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = "drillbook_curtain"


def give_streams() -> None:
    """A standard output and a standard error that nobody reads, where the process was started without (`>&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 (as long as the process lives)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def draw_curtain(*more: IO[str]) -> None:
    """Scrubs what is written to standard output, standard error and `more` from now on, while the process lives.

    The streams themselves are changed, not replaced: pytest's capturing puts back the ones that it found.
    """
    for stream in {sys.__stdout__, sys.__stderr__, *more}:
        if stream is not None and not hasattr(stream, _MARK):
            _Curtain(stream)


class _Curtain:
    """Stands in for a stream's `write` and `flush`."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._write, self._flush = stream, stream.write, stream.flush
        self._line, self._lost = "", False
        for name, own in {"write": self.write, "flush": self.flush, _MARK: True}.items():
            setattr(stream, name, own)

    def write(self, text: str) -> int:
        """Takes `text`, and writes what are whole lines by now; TypeError for bytes, by which click tells streams."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        lines, end, self._line = f"{self._line}{text}".rpartition("\n")
        if end:
            self._try(self._write, scrub(lines) + end)
        return len(text)

    def flush(self) -> None:
        """Writes what there is of a line."""
        line, self._line = self._line, ""
        if line:
            self._try(self._write, scrub(line))
        self._try(self._flush)

    def _try(self, do: Callable[..., object], *text: str) -> None:
        if self._lost:
            return
        try:
            do(*text)
        except OSError:
            self._lost = True
            self._empty()

    def _empty(self) -> None:
        """What is still to be written goes to nobody: Python would try it again at its end, and exit with 120."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)
            self._flush()
