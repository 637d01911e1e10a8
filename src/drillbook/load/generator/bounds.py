"""Where visitors may turn and what they may do there: paths of the target, and only reading where that is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

READING = ("GET", "HEAD")
_SHOWN = 120


class Leaves(Exception):
    """A request that may not be sent: it is for another host, or it may write."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The target's address, and the headers that go with every request to it, which may be secret.

    `leaves` is told of a request that may not be sent: a task that catches errors cannot hide it.
    """

    host: str
    leaves: Callable[[str], None]
    read_only: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def check(self, method: str, url: str) -> None:
        """Leaves where the request may not be sent."""
        if why := self._why_not(method, url):
            self.leaves(why)
            raise Leaves(why)

    @cached_property
    def inside(self) -> str:
        """What every URL of the target begins with; behind the slash nothing makes it another host's."""
        where = urlsplit(self.host)
        return f"{where.scheme}://{where.netloc.rpartition('@')[2]}/"

    def _why_not(self, method: str, url: str) -> str:
        if not url.startswith(self.inside) or url[len(self.inside) :].startswith("/"):
            return f"{method} {url[:_SHOWN]} is not a path of {self.inside[:-1]}: ask for paths such as /health"
        if self.read_only and method.upper() not in READING:
            return f"{method} {url[:_SHOWN]} may write, and here a profile may only read: {' or '.join(READING)}"
        return ""
