"""Locust's fast client, held to what a measurement needs: one deadline, nothing asked twice, every answer read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from http.cookiejar import Cookie, CookieJar
from time import monotonic
from typing import TYPE_CHECKING, Any

from gevent import Timeout
from gevent.ssl import create_default_context
from geventhttpclient.client import HTTPClientPool
from locust.contrib.fasthttp import FastHttpSession, LocustBadStatusCode, LocustUserAgent

if TYPE_CHECKING:
    from locust import FastHttpUser

    from drillbook.load.generator.bounds import Bounds

SECONDS = 10.0  # that one request may take, all of it: its connection, and its answer to the last byte
RESTED = 1.0  # seconds after which a connection is not used again: it may be closed just when the next request is sent
_NO_SECOND_ATTEMPT = -1


@dataclass(slots=True)
class Turn:
    """What a visitor does at the moment: `due` is None once the first request of its arrival has been told of."""

    due: float | None = None
    began: float = 0.0
    asking: str = ""


class Session(FastHttpSession):
    """Locust's session with one deadline around the whole request, since the timeouts of sockets are per read."""

    def __init__(self, visitor: FastHttpUser, turn: Turn, bounds: Bounds | None) -> None:
        super().__init__(visitor.host, visitor.environment.events.request, visitor)
        self._turn, self._bounds, self._answered = turn, bounds, 0.0
        self.cookiejar = _Cookies()
        self.client = _Agent(
            bounds,
            cookiejar=self.cookiejar,
            headers={**(visitor.default_headers or {}), **(bounds.headers if bounds else {})},
            max_redirects=visitor.max_redirects,
            max_retries=0,
            client_pool=_Clients(
                connection_timeout=SECONDS,
                network_timeout=None,  # the deadline is over no later, and costs less
                concurrency=1,
                ssl_context_factory=visitor.ssl_context_factory or _trust,
            ),
        )

    def request(self, method: str, url: str, name: str | None = None, *arguments: Any, **options: Any) -> Any:
        """As Locust's, but an answer is always read whole, and redirects are followed only where that is asked for."""
        if options.get("stream"):
            raise ValueError("stream=True leaves answers unread: leave it out")
        if self._bounds and not url.startswith("/"):  # the client does not always get as far as asking
            self._bounds.check(method, self._build_url(url))
        options.setdefault("allow_redirects", False)
        if monotonic() - self._answered > RESTED:
            self.client.clientpool.close()
        self._turn.asking = name or url
        with Timeout(SECONDS):
            answer = super().request(method, url, name, *arguments, **options)
        self._turn.asking, self._answered = "", monotonic()
        return answer


class _Agent(LocustUserAgent):
    """Locust's agent, within bounds: at each hop, if redirects are followed."""

    def __init__(self, bounds: Bounds | None, **options: Any) -> None:
        super().__init__(**options)
        self._bounds = bounds

    def _urlopen(self, request: Any) -> Any:
        if self._bounds:
            self._bounds.check(request.method, request.url)
        try:
            return super()._urlopen(request)  # type: ignore[no-untyped-call]
        except Timeout:
            self.clientpool.close()  # the connection of a request that is still being sent would never be given back
            raise

    def _verify_status(self, status_code: int, url: Any = None) -> None:
        if status_code >= 400:
            raise LocustBadStatusCode(url, code=status_code)

    @classmethod
    def _conversation_str(cls, url: str, resp: Any, *_: Any, **__: Any) -> str:  # noqa: ARG003 (the client calls it)
        """Reads an error's answer, which would be left half-read, and quotes none of it: it need not be text."""
        _ = resp.content
        return ""


class _Clients(HTTPClientPool):
    """Connections on which nothing is asked twice: by default what finds its connection closed is sent once more."""

    def get_client(self, url: Any) -> Any:
        client = super().get_client(url)
        client._connection_pool.size = _NO_SECOND_ATTEMPT
        return client


class _Cookies(CookieJar):
    """Cookies that cost nothing where there are none: the jar's lock is a greenlet's, taken twice a request."""

    _filled = False

    def set_cookie(self, cookie: Cookie) -> None:
        self._filled = True
        super().set_cookie(cookie)

    def add_cookie_header(self, request: Any) -> None:
        if self._filled:
            super().add_cookie_header(request)

    def extract_cookies(self, response: Any, request: Any) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response, request)


@cache
def _trust(cafile: str | None = None) -> Any:
    """What certificates are verified with: read once, and not once a visitor."""
    return create_default_context(cafile=cafile)
