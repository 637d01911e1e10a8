"""One page, asked for once: no redirects, no compression, a cap on the body, a hard deadline. POST is for a login."""

from __future__ import annotations

import ssl
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from drillbook.probes import proxies
from drillbook.probes.client import httpx
from drillbook.probes.failure import Failure, classify, crashed, failure
from drillbook.probes.lateness import Stopwatch
from drillbook.probes.runner import hurried

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

MEBIBYTE = 1 << 20
Page = dict[str, Any]

_AGENT = f"drillbook/{version('drillbook')}"


def connection(url: str, proxy: str = "") -> httpx.AsyncClient:
    """What keeps a connection open for several pages of one server that are asked for one after the other."""
    # trust_env: a proxy or a .netrc that happens to be around would answer in the target's name
    return httpx.AsyncClient(trust_env=False, timeout=None, verify=_trust(url), proxy=proxy or None)


async def get(
    url: str,
    *,
    headers: Mapping[str, str],
    seconds: float,
    cap: int = MEBIBYTE,
    proxy: str = "",
    over: httpx.AsyncClient | None = None,
) -> Page:
    """The page at `url`: `status`, `body`, `took` in seconds, `by` (the peer's address), and `error` or None.

    `took` is from before the connection to the body's last byte, `late` how much of it may be our own lateness. A
    page with an error has no body; it is `silent` where a deadline was the error. Where there is a `proxy`, it is asked
    through that, and what is the proxy's own failure is unknown.
    """
    return await _asked(_Request("GET", url, headers, cap, proxy=proxy, over=over), seconds)


async def post(url: str, *, headers: Mapping[str, str], content: bytes, seconds: float, proxy: str = "") -> Page:
    """As `get`, of what `content` is sent to; with the `cookies` that the answer sets."""
    return await _asked(_Request("POST", url, headers, MEBIBYTE, content, proxy), seconds)


@dataclass(frozen=True)
class _Request:
    """What is asked; `heard` are the first bytes that the peer said."""

    method: str
    url: str
    headers: Mapping[str, str]
    cap: int
    content: bytes | None = None
    proxy: str = ""
    over: httpx.AsyncClient | None = None
    heard: bytearray = field(default_factory=bytearray)


async def _asked(request: _Request, seconds: float) -> Page:
    page: Page = {"status": None, "body": "", "took": 0.0, "by": "", "error": None}
    with Stopwatch() as watch:
        try:
            await hurried(_fetch(page, request), seconds)
        except Exception as error:
            failed = _failure(request, error)
            page |= {"body": "", "error": failed, "silent": failed.get("silent", False)}
    return page | watch.timed()  # another one: what is still running behind the deadline writes into the first


def _failure(request: _Request, error: Exception) -> Failure:
    failed = _of_a_stranger(request.heard) or classify(error) or _of_http(error)
    if request.proxy:
        return proxies.failed(failed, error, request.heard)
    return proxies.unused(failed, request.url, request.heard)


def address(base: str, path: str) -> str:
    """`path` under the service's address, which may have a path of its own."""
    return base.rstrip("/") + path


async def _fetch(page: Page, request: _Request) -> None:
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Accept": "*/*", **request.headers}
    how: dict[str, Any] = {"headers": headers, "content": request.content}
    how["extensions"] = {"trace": _listener(request.heard)}
    proxy = request.proxy
    async with (
        nullcontext(request.over) if request.over else connection(request.url, proxy) as client,
        client.stream(request.method, request.url, **how) as response,
    ):
        page |= {"status": response.status_code, "by": f"{'through ' if proxy else ''}{_peer(response)}"}
        if proxy and (failed := proxies.spoke_itself(response.status_code, response.headers)):
            page["error"] = failed
            return
        if response.status_code == 429:
            page["retry"] = _seconds(response.headers.get("retry-after", ""))
        if request.content is not None:
            page["cookies"] = dict(response.cookies)
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            page["error"] = failure("unknown", f"answered compressed ({coding}), which nobody asked for")
        else:
            await _read_body(page, response, request.cap)


async def _read_body(page: Page, response: httpx.Response, cap: int) -> None:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > cap:
            page["error"] = failure("unknown", f"answered more than {cap >> 20} MiB")
            return
    page["body"] = body.decode("utf-8", "replace")


def _seconds(retry_after: str) -> float | None:
    """The seconds that a Retry-After names, as a number or as a date; None where it is neither."""
    try:
        if retry_after.strip().isdecimal():
            return float(retry_after)
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


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
