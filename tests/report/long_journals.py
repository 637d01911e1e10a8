"""Journals as long as runs ever make them, made up with the means of the short ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from journals import Book


def many_rounds(journals: ModuleType, lines: int) -> Book:
    """So many lines of rounds, with limits that flap and reasons that differ each time."""
    book = journals.Book().run(command="pytest checks --every 1s")
    number = 0
    while len(book.lines) < lines - 1:
        number += 1
        for limit in range(36):
            bad = (number + limit) % 7 == 0
            book.verdict(
                f"limit.{limit}", "BREACHED" if bad else "OK", round=number, reason=f"measurement {number}" * bad
            )
        book.add("round", round=number, missed=0, took=0.5)
    return book.end(1, backend=number)


def drill_and_load(journals: ModuleType, lines: int) -> Book:
    """A drill that is watched for a long time, with limits that flap, and a profile that runs for an hour."""
    book = journals.Book().run("deal-scout@drill", "low", "pytest chaos")
    book.add("drill", check="chaos/test_long.py::test_long", runbook="Redis Unreachable", control=False)
    book.add("phase", phase="fault", words="redis is killed", at=0.1)
    number = 0
    while len(book.lines) < lines - 7300:
        number += 1
        book.at += 1
        for limit in range(60):
            bad = (number * (limit + 1)) % 5 == 0
            book.verdict(f"limit.{limit}", "BREACHED" if bad else "OK", round=number)
        book.add("traffic", requests=12, errors=number % 3, p95=30.0 + number % 50, max=900.0)
    book.add("phase", phase="recovery", words="all green", at=book.at, recovered=3.0)
    journals._load(book, 3600, "hour")
    journals._load(book, 3600, "another_hour")
    return book.end(1, backend=1)
