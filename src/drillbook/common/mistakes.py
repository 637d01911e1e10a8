"""Mistakes of the user's: all that were found, each in one line that names the next step."""

from __future__ import annotations


class Mistakes(Exception):
    """What has to be put right before anything can be measured: one line a mistake."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(lines)
        self.lines = lines

    def __str__(self) -> str:
        """All of them, a line each."""
        return "\n".join(self.lines)


class Refused(Mistakes):
    """Refused for safety, before anything was called: a run that meets it ends with exit code 12."""
