"""Reads a Redis server with a handful of commands that only look: PING as often as declared, INFO twice."""

from __future__ import annotations

import re
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from redis import exceptions
from redis._parsers import _AsyncRESP2Parser
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from drillbook.probes.failure import Failure, classify, crashed, failure, said
from drillbook.probes.lateness import Stopwatch, Timed, typical
from drillbook.probes.redis.commands import LOOKS
from drillbook.probes.runner import LONGER, hurried

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from redis.asyncio.connection import AbstractConnection

    from drillbook.probes.redis.table import RedisService
    from drillbook.system.target import Service

ALLOWED = {
    ("PING",), ("INFO",), ("CLUSTER", "INFO"), ("CLIENT", "LIST"), ("MULTI",), ("EXEC",),
    ("LLEN",), ("HLEN",), ("SMEMBERS",), ("EXISTS",), ("MEMORY", "USAGE"), *((word,) for word in LOOKS),
}  # fmt: skip
LONGEST_REPLY = 16 << 20
_NOBODY = r"no upstream host|upstream (failure|disconnected)|Connection refused|Host is down"  # Envoy's, twemproxy's
_REFUSED = ("NOAUTH", "WRONGPASS", "ERR invalid password", "ERR Client sent AUTH")


class Commands:
    """A connection that sends what is in ALLOWED, and nothing else; `asked` counts."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self.asked = 0

    async def ask(self, *words: str) -> Any:
        """The reply to one command: text, a number or a list; its error is raised."""
        if words[:1] not in ALLOWED and words[:2] not in ALLOWED:
            raise PermissionError(f"{words[0]} is not among the commands that a probe may send")
        self.asked += 1
        await self._connection.send_command(*words)
        return await self._connection.read_response()

    async def at_once(self, questions: Sequence[tuple[str, ...]]) -> list[Any]:
        """The replies to several commands, between which nothing else happens; the first error is raised."""
        await self.ask("MULTI")
        for words in questions:
            await self.ask(*words)
        replies: list[Any] = await self.ask("EXEC")
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies

    @property
    def peer(self) -> str:
        """The address of who answers; redis-py gives the host, the port is the one it was told."""
        host, port = self._connection.getpeername(), getattr(self._connection, "port", None)
        return f"{host}:{port}" if host and port else str(host or "")


async def facts(service: Service) -> dict[str, Any]:
    """Whether PING is answered, with what, and in how many seconds once connected: the median of several."""
    return await _pinged(service, cast("RedisService", service.declared).samples)


async def anew(service: Service, _what: str, first: dict[str, Any]) -> dict[str, Any]:
    """The facts with PING sent again, once."""
    return first | await _pinged(service, 1)


def cost(service: Service) -> int:
    """PING as often as there are samples, INFO twice, and CLUSTER INFO with it where it is part of a cluster."""
    return cast("RedisService", service.declared).samples + 4


async def _pinged(service: Service, samples: int) -> dict[str, Any]:
    async def ping(commands: Commands) -> dict[str, Any]:
        began, taken = time.monotonic(), list[Timed]()
        while len(taken) < samples and (not taken or time.monotonic() - began < service.declared.seconds / 4):
            with Stopwatch() as watch:
                pong = await _pong(commands)
            taken.append(watch.timed())
        return {"pong": pong, "samples": [[one["took"], one["late"]] for one in taken], **typical(taken)}

    return await session(service, ping)


async def _pong(commands: Commands) -> str:
    try:
        return str(await commands.ask("PING"))
    except exceptions.ResponseError as error:  # an error is an answer too: MISCONF says that writes are refused
        if not str(error).startswith("MISCONF"):
            raise
        return "MISCONF"


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """What INFO says now, and CLUSTER INFO of a cluster; None where nobody answered."""

    async def info(commands: Commands) -> dict[str, Any]:
        found, at = _fields(str(await commands.ask("INFO"))), time.monotonic()
        return {"info": found, "at": at} | (await _cluster(commands) if found.get("cluster_enabled") == "1" else {})

    return None if facts["failed"] else await counted(service, info)


async def counted(service: Service, asks: Callable[[Commands], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """As `session`, for what is read twice: a failure is `lost`, and takes nothing from the facts."""
    found = await session(service, asks)
    if found["failed"]:
        return {"lost": found["failed"], "asked": found["asked"]}
    return {name: value for name, value in found.items() if name not in ("failed", "by")}


async def session(service: Service, asks: Callable[[Commands], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """What `asks` finds out through one connection within the deadline, with `by`, `asked` and `failed` or None."""
    found: dict[str, Any] = {"failed": None, "by": "", "asked": 0}

    async def ask_all() -> dict[str, Any]:
        async with _connected(service) as commands:
            try:
                return await asks(commands)
            finally:
                found.update(by=commands.peer, asked=commands.asked)

    try:
        return found | await hurried(ask_all(), service.declared.seconds)
    except Exception as error:
        return found | {"failed": classify(error) or _of_redis(error)}


@asynccontextmanager
async def _connected(service: Service) -> AsyncIterator[Commands]:
    pool = ConnectionPool.from_url(
        service.address,
        protocol=2,
        retry=Retry(NoBackoff(), 0),  # one attempt: redis-py tries ten times by default
        socket_timeout=LONGER * service.declared.seconds,  # the deadline is ours, which knows how late we are
        socket_connect_timeout=LONGER * service.declared.seconds,
        driver_info=None,  # it would announce itself with CLIENT SETINFO, which is not among what we may send
        decode_responses=True,
        encoding_errors="replace",
        parser_class=_Capped,
    )
    connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        yield Commands(connection)
    finally:
        await connection.disconnect(nowait=True)


class _Capped(_AsyncRESP2Parser):
    """Refuses a reply that is longer than anything we ask for can be."""

    async def _read(self, length: int) -> bytes:
        if length > LONGEST_REPLY:
            raise exceptions.InvalidResponse(f"a reply of {length} bytes")
        answer: bytes = await super()._read(length)
        return answer


async def _cluster(commands: Commands) -> dict[str, Any]:
    """What CLUSTER INFO says; nothing where it may not be asked."""
    try:
        return {"cluster": _fields(str(await commands.ask("CLUSTER", "INFO")))}
    except exceptions.ResponseError as error:
        return {"cluster": {"refused": said(error)}}


def _of_redis(error: Exception) -> Failure:
    """What redis-py alone can say."""
    text = str(error)
    if isinstance(error, exceptions.AuthenticationError) or text.startswith(_REFUSED):
        return failure("login", "the server refuses the login")
    if isinstance(error, exceptions.BusyLoadingError) or text.startswith("LOADING"):
        return failure("down", "it is still loading its data")
    if "max number of clients" in text:
        return failure("down", "it has as many clients as it takes (maxclients)")
    if isinstance(error, exceptions.ResponseError) and re.search(_NOBODY, text, re.IGNORECASE):
        return failure("down", f"a proxy answers for it: {text}")
    if isinstance(error, exceptions.InvalidResponse):
        return failure("unknown", f"it does not speak Redis: {text}")
    if isinstance(error, exceptions.TimeoutError):
        return failure("down", f"no answer in time: {text}") | {"silent": True}
    if isinstance(error, exceptions.ConnectionError):
        return failure("down", "it closed the connection" if "closed" in text else text)
    if isinstance(error, exceptions.ResponseError) and (strange := re.search(r"unknown command [`']?(\w+)", text)):
        return failure("unknown", f"it knows no {strange[1]}: a Sentinel, or a proxy, in place of the server itself?")
    if isinstance(error, exceptions.RedisError):
        return failure("unknown", f"it answered {text}")
    if isinstance(error, ValueError):
        return failure("unknown", "its address is no redis:// or rediss:// URL")
    if isinstance(error, TypeError) and (unknown := re.search(r"unexpected keyword argument '(\w+)'", text)):
        return failure("unknown", f"its address sets {unknown[1]}, which no Redis client knows")
    return crashed(error)


def _fields(info: str) -> dict[str, str]:
    """INFO's `name:value` lines."""
    pairs = (line.split(":", 1) for line in info.splitlines() if ":" in line and not line.startswith("#"))
    return {name: value.strip() for name, value in pairs}
