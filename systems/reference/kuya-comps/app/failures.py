"""What can go wrong with a search, under the names that clients and the log are told; never with a key in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Failure(Exception):
    """Something of `provider` failed, and how."""

    provider: str
    message: str

    def told(self) -> dict[str, str]:
        """As clients are told."""
        return {"class": type(self).__name__, "provider": self.provider, "message": self.message}


class APIKeyMissingError(Failure):
    """The provider takes our key for none."""


class RateLimitError(Failure):
    """The provider wants to be asked less."""


class ScraperError(Failure):
    """The provider does not answer, or nothing that makes sense."""
