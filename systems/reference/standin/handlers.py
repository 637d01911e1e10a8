"""How a plain synchronous function answers a request: in a worker thread, with its input already read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

MOST_ROWS = 1000


@dataclass(frozen=True)
class Call:
    """What a handler needs of a request."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    def field(self, name: str, kind: type) -> Any:
        """Return a field of the body; 422 if it is missing or of another kind."""
        value = self.body.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise HTTPException(422, f"{name} must be given, as {kind.__name__}")
        return value

    def page(self) -> dict[str, int]:
        """Return which rows a list asks for: those after `since`, at most `limit`."""
        return {"since": self.number("since", 0), "limit": min(self.number("limit", 100), MOST_ROWS)}

    def number(self, name: str, default: int) -> int:
        """Return a whole number of the query; 422 if it is not one."""
        text = self.query.get(name, str(default))
        if not (text.isdecimal() and len(text) < 16):
            raise HTTPException(422, f"{name} must be a whole number")
        return int(text)


def in_thread(handler: Callable[[Call], JSONResponse]) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Return an endpoint that runs `handler` in the thread pool."""

    async def endpoint(request: Request) -> JSONResponse:
        call = Call(path=request.path_params, query=request.query_params, body=await body_of(request))
        return await run_in_threadpool(handler, call)

    return endpoint


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that came with the request, empty without one; 422 if it is something else."""
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError as error:
        raise HTTPException(422, "the body is not JSON") from error
    if not isinstance(body, dict):
        raise HTTPException(422, "the body must be a JSON object")
    return body


def refused(_: Request, error: HTTPException) -> JSONResponse:
    """Answer a request that cannot be served as it is."""
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)
