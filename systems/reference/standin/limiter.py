"""A limiter: so many requests a minute from each client, whatever it asks for, health pages included.

They are counted in Redis, which all processes share; while that is away each counts for itself, and says so.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from redis import RedisError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from standin.breaker import Breaker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis import Redis
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

WINDOW_SECONDS = 60
PREFIX = "rate_limit:"
FORWARDED = "X-Forwarded-For"  # the platform's proxy puts the user's address there


@dataclass(frozen=True)
class Count:
    """How many requests of a client there were in this window, with this one, and how many there may be."""

    number: int
    most: int
    ends_in: int

    @property
    def admitted(self) -> bool:
        """Whether this one is served."""
        return self.number <= self.most

    @property
    def headers(self) -> dict[str, str]:
        """What the client is told of it."""
        left = {"X-RateLimit-Limit": str(self.most), "X-RateLimit-Remaining": str(max(0, self.most - self.number))}
        return left if self.admitted else {**left, "Retry-After": str(self.ends_in)}


class Limiter:
    """Fixed windows of a minute. Clients of `networks` may ask so often, all others `per_minute` times.

    `shared` says whether the last request was counted in Redis.
    """

    def __init__(self, redis: Redis, per_minute: int, networks: Mapping[str, int] | None = None) -> None:
        self.redis = redis
        self.per_minute = per_minute
        self.networks = {ip_network(network): most for network, most in (networks or {}).items()}
        self.shared = True
        self._breaker = Breaker()
        self._here: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, client: str) -> Count:
        """Count one request of the client at that address."""
        window, passed = divmod(int(time.time()), WINDOW_SECONDS)
        key = f"{PREFIX}{client}:{window}"
        number = self._there(key)
        self.shared = number is not None
        return Count(number or self._alone(key), self._most(client), WINDOW_SECONDS - passed)

    def _there(self, key: str) -> int | None:
        """Return how many Redis has counted; None if it has no answer to give."""
        counted = self.redis.pipeline(transaction=False).incr(key).expire(key, WINDOW_SECONDS)
        try:
            answers = self._breaker.attempt(counted.execute)
        except (RedisError, OSError):
            return None
        return int(answers[0]) if answers else None

    def _alone(self, key: str) -> int:
        """Return how many this process has counted, which forgets the windows that are over."""
        with self._lock:
            window = key.rpartition(":")[2]
            self._here = Counter({one: count for one, count in self._here.items() if one.endswith(f":{window}")})
            self._here[key] += 1
            return self._here[key]

    def _most(self, client: str) -> int:
        try:
            address = ip_address(client)
        except ValueError:
            return self.per_minute
        return next((most for network, most in self.networks.items() if address in network), self.per_minute)


class Limited:
    """Lets through what the limiter admits; the rest is answered 429, with the seconds until there is room again."""

    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self.app = app
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, in a thread of its own, and pass on or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        count = await run_in_threadpool(self.limiter.count, client_of(scope))

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(count.headers)
            await send(message)

        refused = JSONResponse({"error": "too many requests"}, status_code=429)
        await (self.app if count.admitted else refused)(scope, receive, telling)


def client_of(scope: Scope) -> str:
    """Return the address of the client: the first that the proxy in front names, or who is connected."""
    named = Headers(scope=scope).get(FORWARDED, "").partition(",")[0].strip()
    return named or (scope["client"] or ("unknown", 0))[0]
