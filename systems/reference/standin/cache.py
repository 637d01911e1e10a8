"""The cache: ask Redis first, fall back to the source, and never let a broken Redis cost more than a moment."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from redis import Connection, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from standin import metrics
from standin.breaker import Breaker
from standin.names import require_known

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

TIMEOUT_SECONDS = 0.25


class PromptConnection(Connection):
    """A connection whose timeout covers the look-up of the name too."""

    def _connect(self) -> socket.socket:
        require_known(self.host, seconds=self.socket_connect_timeout)
        return super()._connect()


def connect(url: str, timeout: float = TIMEOUT_SECONDS) -> Redis:
    """Return a client that connects when first used."""
    return Redis.from_url(
        url,
        connection_class=PromptConnection,
        decode_responses=True,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),  # redis-py retries ten times by default: a fallback of many seconds
    )


class Cache:
    """Cache-aside over Redis: values are JSON, and live for about `seconds`."""

    def __init__(self, redis: Redis, seconds: int) -> None:
        self.redis = redis
        self.seconds = seconds
        self.breaker = Breaker()

    def get_or_load(self, key: str, load: Callable[[], Any]) -> tuple[Any, str]:
        """Return the value of `key`, and where it came from: `cache` or `database`."""
        cached = self._try(lambda: self.redis.get(key))
        if cached is not None:
            metrics.CACHE_HITS.inc()
            return json.loads(cached), "cache"
        metrics.CACHE_MISSES.inc()
        value = load()
        self._try(lambda: self.redis.setex(key, self._lifetime(), json.dumps(value)))
        return value, "database"

    def _lifetime(self) -> int:
        """Return a different time for each value: what was loaded together must not expire together."""
        return round(self.seconds * random.uniform(0.5, 1.5))  # noqa: S311 - nothing secret

    def _try(self, command: Callable[[], Any]) -> Any:
        """Return Redis's answer; None if it has none to give."""
        try:
            return self.breaker.attempt(command)
        except (RedisError, OSError):
            metrics.CACHE_ERRORS.inc()
            return None
