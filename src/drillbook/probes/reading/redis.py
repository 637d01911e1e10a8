"""Reads a Redis server with a handful of commands that only look: PING once, INFO twice."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from redis import exceptions
from redis._parsers import _AsyncRESP2Parser
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from drillbook.probes.failure import Failure, classify, crashed, failure
from drillbook.probes.runner import hurried

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from redis.asyncio.connection import AbstractConnection

    from drillbook.target import Service

ALLOWED = {("PING",), ("INFO",), ("LLEN",), ("HLEN",), ("CLIENT", "LIST")}
LONGEST_REPLY = 16 << 20
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

    @property
    def peer(self) -> str:
        """The address of who answers; redis-py gives the host, the port is the one it was told."""
        host, port = self._connection.getpeername(), getattr(self._connection, "port", None)
        return f"{host}:{port}" if host and port else str(host or "")


async def facts(service: Service) -> dict[str, Any]:
    """Whether PING is answered, with what, and in how many seconds once connected."""

    async def ping(commands: Commands) -> dict[str, Any]:
        begun = time.monotonic()
        try:
            answer = str(await commands.ask("PING"))
        except exceptions.ResponseError as error:  # an error is an answer too: MISCONF says that writes are refused
            if not str(error).startswith("MISCONF"):
                raise
            answer = "MISCONF"
        return {"pong": answer, "took": time.monotonic() - begun}

    return await session(service, ping)


def cost(_service: Service) -> int:
    """PING once, INFO twice."""
    return 3


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """What INFO says now; None where nobody answered."""

    async def info(commands: Commands) -> dict[str, Any]:
        return {"info": _fields(str(await commands.ask("INFO"))), "at": time.monotonic()}

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
        socket_timeout=service.declared.seconds,
        socket_connect_timeout=service.declared.seconds,
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


def _of_redis(error: Exception) -> Failure:
    """What redis-py alone can say."""
    text = str(error)
    if isinstance(error, exceptions.AuthenticationError) or text.startswith(_REFUSED):
        return failure("login", "the server refuses the login")
    if isinstance(error, exceptions.BusyLoadingError) or text.startswith("LOADING"):
        return failure("down", "it is still loading its data")
    if "max number of clients" in text:
        return failure("down", "it has as many clients as it takes (maxclients)")
    if isinstance(error, exceptions.InvalidResponse):
        return failure("unknown", f"it does not speak Redis: {text}")
    if isinstance(error, exceptions.TimeoutError):
        return failure("down", f"no answer in time: {text}")
    if isinstance(error, exceptions.ConnectionError):
        return failure("down", "it closed the connection" if "closed" in text else text)
    if isinstance(error, exceptions.RedisError):
        return failure("unknown", f"it answered {text}")
    if isinstance(error, ValueError):
        return failure("unknown", "its address is no redis:// or rediss:// URL")
    return crashed(error)


def _fields(info: str) -> dict[str, str]:
    """INFO's `name:value` lines."""
    pairs = (line.split(":", 1) for line in info.splitlines() if ":" in line and not line.startswith("#"))
    return {name: value.strip() for name, value in pairs}
