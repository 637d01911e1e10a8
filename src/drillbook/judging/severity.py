"""How bad a breach is: four words, from `low` to `critical`, in the order in which people are woken."""

from __future__ import annotations

from enum import IntEnum


class Severity(IntEnum):
    """A severity; severities compare, and the worst is the largest."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @classmethod
    def named(cls, word: str) -> Severity:
        """The severity that a system file or `--gate` calls `word`; ValueError names the four there are."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is no severity: use {', '.join(SEVERITY_WORDS)}") from None

    @property
    def word(self) -> str:
        """The lower-case word, as system files write it."""
        return self.name.lower()


SEVERITY_WORDS = tuple(severity.word for severity in Severity)
