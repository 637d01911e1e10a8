"""One page, asked for once with GET: no redirects, no compression, a cap on the body, a hard deadline."""

from __future__ import annotations

import ssl
import time
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import anyio._backends._asyncio  # noqa: F401  # httpx loads it at its first request, whose latency that would spoil
import httpx

from drillbook.probes.failure import Failure, classify, crashed, failure
from drillbook.probes.runner import hurried

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

MEBIBYTE = 1 << 20
Page = dict[str, Any]

_AGENT = f"drillbook/{version('drillbook')}"


async def get(url: str, *, headers: Mapping[str, str], seconds: float, cap: int = MEBIBYTE) -> Page:
    """The page at `url`: `status`, `body`, `took` in seconds, `by` (the peer's address), and `error` or None.

    `took` is from before the connection to the body's last byte. A page with an error has no body.
    """
    page: Page = {"status": None, "body": "", "took": 0.0, "by": "", "error": None}
    begun, heard = time.monotonic(), bytearray()
    try:
        await hurried(_fetch(page, url, headers=headers, cap=cap, heard=heard), seconds)
    except Exception as error:
        page |= {"body": "", "error": _of_a_stranger(heard) or classify(error) or _of_http(error)}
    page = dict(page)  # what is still running behind the deadline writes into the other one
    page["took"] = time.monotonic() - begun
    return page


def address(base: str, path: str) -> str:
    """`path` under the service's address, which may have a path of its own."""
    return base.rstrip("/") + path


async def _fetch(page: Page, url: str, *, headers: Mapping[str, str], cap: int, heard: bytearray) -> None:
    asked = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Accept": "*/*", **headers}
    async with (
        # trust_env: a proxy or a .netrc that happens to be around would answer in the target's name
        httpx.AsyncClient(trust_env=False, timeout=None, verify=_trust(url)) as client,  # noqa: S113
        client.stream("GET", url, headers=asked, extensions={"trace": _listener(heard)}) as response,
    ):
        page |= {"status": response.status_code, "by": _peer(response)}
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            page["error"] = failure("unknown", f"answered compressed ({coding}), which nobody asked for")
        else:
            await _read_body(page, response, cap)


async def _read_body(page: Page, response: httpx.Response, cap: int) -> None:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > cap:
            page["error"] = failure("unknown", f"answered more than {cap >> 20} MiB")
            return
    page["body"] = body.decode("utf-8", "replace")


def _listener(heard: bytearray) -> Callable[[str, dict[str, Any]], Awaitable[None]]:
    """Keeps the first bytes that the peer says: httpx does not tell a stranger who hangs up from silence."""

    async def trace(event: str, info: dict[str, Any]) -> None:
        if event not in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            return
        stream = info["return_value"]
        read = stream.read

        async def listen(*how: Any, **named: Any) -> bytes:
            data: bytes = await read(*how, **named)
            heard.extend(data[: 64 - len(heard)] if len(heard) < 64 else b"")
            return data

        stream.read = listen

    return trace


def _of_a_stranger(heard: bytearray) -> Failure | None:
    if not heard or heard.startswith(b"HTTP/"):
        return None
    return failure("unknown", f"it does not speak HTTP, it said {heard.decode('utf-8', 'backslashreplace')!r:.60}")


def _trust(url: str) -> ssl.SSLContext | bool:
    return _trusted() if url.startswith("https:") else False


@cache
def _trusted() -> ssl.SSLContext:
    """The machine's own trust store, or the one that SSL_CERT_FILE names."""
    return ssl.create_default_context()


def _peer(response: httpx.Response) -> str:
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream else None
    if not isinstance(peer, tuple):
        return ""
    return f"[{peer[0]}]:{peer[1]}" if ":" in str(peer[0]) else f"{peer[0]}:{peer[1]}"


def _of_http(error: Exception) -> Failure:
    """What httpx alone can say."""
    if isinstance(error, httpx.RemoteProtocolError):
        if "disconnected" in str(error):
            return failure("down", "it closed the connection without an answer")
        if "peer closed" in str(error):
            return failure("down", "it closed the connection in the middle of its answer")
        return failure("unknown", f"it does not speak HTTP: {error}")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return failure("unknown", "its address is no http:// or https:// URL")
    if isinstance(error, httpx.LocalProtocolError | UnicodeError):
        return failure("unknown", "a declared header cannot be sent: it holds what headers must not hold")
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.ConnectError):
        return failure("down", f"the connection failed: {error or type(error).__name__}")
    return crashed(error)
