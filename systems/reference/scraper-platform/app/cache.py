"""The cache, with another one in the process's own memory behind it: what serves while Redis is away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from standin.cache import Cache

KEPT_SECONDS = 60.0


class SimpleFallback:
    """Asks Redis first; while it cannot be asked, what is remembered here; the source last."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self._kept: dict[str, tuple[float, Any]] = {}

    @property
    def mode(self) -> str:
        """Which of the two is in use."""
        return "redis" if self.cache.breaker.closed else "simple"

    def get_or_load(self, key: str, load: Callable[[], Any]) -> tuple[Any, str]:
        """Return the value of `key`, and where it came from: `redis`, `simple` or `database`."""
        came: list[str] = []

        def behind() -> Any:
            value, source = self._remembered(key, load)
            came.append(source)
            return value

        value, _ = self.cache.get_or_load(key, behind)
        return value, came[0] if came else "redis"

    def _remembered(self, key: str, load: Callable[[], Any]) -> tuple[Any, str]:
        until, value = self._kept.get(key, (0.0, None))
        if not self.cache.breaker.closed and time.monotonic() < until:
            return value, "simple"
        value = load()
        self._kept[key] = (time.monotonic() + KEPT_SECONDS, value)
        return value, "database"
