"""A regular expression of the user's, looked for in lines: it ends in time, and holds up nobody else meanwhile.

One that tries all ways of taking a line apart (`(a|a)+$`) takes years, and Python's own `re` lets no other thread run.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Callable


class TooLong(Exception):
    """That an expression took too long, and what to do about it."""


def searcher(expression: str, seconds: float) -> Callable[[str], regex.Match[str] | None]:
    """Finds the expression in one line after the other; TooLong once that took so many seconds in all."""
    compiled, left = regex.compile(expression), seconds

    def search(line: str) -> regex.Match[str] | None:
        nonlocal left
        began = time.monotonic()
        try:
            return compiled.search(line, timeout=left, concurrent=True)
        except TimeoutError:
            raise TooLong(
                f"{expression} took longer than {seconds:.1f} s: say less of a line, without repeats inside of repeats"
            ) from None
        finally:
            left = max(0.001, left - time.monotonic() + began)

    return search
