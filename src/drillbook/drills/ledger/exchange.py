"""One HTTP exchange, whole or not at all: a hard deadline around all of it, and whether the request ever left."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio._backends._asyncio  # noqa: F401  # httpx loads it at its first request, whose latency that would spoil
import httpx

from drillbook.probes.failure import classify, said

if TYPE_CHECKING:
    from collections.abc import Mapping

MEBIBYTE = 1 << 20


@dataclass
class Answer:
    """What came of a request: a whole answer, or the `reason` why there is none.

    `sent` says whether any of the request left: without that it was definitely not done.
    """

    status: int | None = None
    body: str = ""
    reason: str = ""
    sent: bool = False

    @property
    def page(self) -> dict[str, Any]:
        """The answer in the form in which the probes judge pages."""
        error = {"kind": "down", "reason": self.reason} if self.reason else None
        return {"status": self.status, "body": self.body, "took": 0.0, "by": "", "error": error}


class Exchange:
    """Asks one service. Each request has a connection of its own: a stale one would blur what was sent."""

    def __init__(self, base: str, headers: Mapping[str, str]) -> None:
        self._base = base.rstrip("/")
        self._headers = {"Accept-Encoding": "identity", **headers}
        alone = httpx.Limits(max_keepalive_connections=0, max_connections=None)
        # trust_env: a proxy that happens to be around would answer in the target's name; verify: it costs 20 ms
        trust: Any = {"trust_env": False, "verify": base.startswith("https:")}
        self._client = httpx.AsyncClient(timeout=None, limits=alone, **trust)  # noqa: S113

    async def get(self, path: str, *, seconds: float, cap: int = MEBIBYTE) -> Answer:
        """The answer to GET `path`, within `seconds` and `cap` bytes."""
        return await self._ask("GET", path, None, seconds=seconds, cap=cap)

    async def post(self, path: str, body: Any, *, seconds: float) -> Answer:
        """The answer to POST `path` with `body` as JSON, within `seconds`."""
        return await self._ask("POST", path, body, seconds=seconds, cap=MEBIBYTE)

    async def close(self) -> None:
        """Closes what is open."""
        await self._client.aclose()

    async def _ask(self, method: str, path: str, body: Any, *, seconds: float, cap: int) -> Answer:
        answer = Answer()
        try:
            async with asyncio.timeout(seconds):
                await self._fetch(answer, method, path, body, cap=cap)
        except TimeoutError:
            answer.reason = f"no answer within {seconds:g} s"
        except Exception as error:  # whatever it is, it is one answer that did not come
            answer.reason = _words(error)
        return answer

    async def _fetch(self, answer: Answer, method: str, path: str, body: Any, *, cap: int) -> None:
        async def trace(event: str, _info: dict[str, Any]) -> None:
            if event.endswith(".send_request_headers.started"):
                answer.sent = True

        asked: dict[str, Any] = {"headers": self._headers, "extensions": {"trace": trace}}
        async with self._client.stream(method, self._base + path, json=body, **asked) as response:
            heard = bytearray()
            async for piece in response.aiter_raw():
                heard += piece
                if len(heard) > cap:
                    answer.reason = f"answered more than {cap >> 20} MiB"
                    return
            answer.status, answer.body = response.status_code, heard.decode("utf-8", "replace")


def _words(error: Exception) -> str:
    """What went wrong, without an address: `connection refused`, `closed in the middle of its answer`."""
    if isinstance(error, httpx.RemoteProtocolError):
        ends = {"peer closed": "in the middle of its answer", "disconnected": "without an answer"}
        how = next((how for sign, how in ends.items() if sign in str(error)), "")
        return f"it closed the connection {how}" if how else said(f"it does not speak HTTP: {error}")
    known = classify(error)
    return known["reason"] if known else said(f"the connection failed: {error or type(error).__name__}")
