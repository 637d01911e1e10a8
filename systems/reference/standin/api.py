"""The HTTP application: a system's own routes, plus health, metrics, and errors that are said as JSON.

Starlette on uvicorn: health must answer while every worker thread hangs in a broken dependency, so the process needs
an event loop beside its threads.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio import to_thread
from psycopg import OperationalError
from psycopg.errors import UndefinedTable
from psycopg_pool import PoolTimeout, TooManyRequests
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standin import metrics
from standin.handlers import refused
from standin.trouble import Trouble, Troubled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request

    from standin.pool import Database

THREADS = 100  # for requests; a thread that waits costs little

LOG = logging.getLogger("standin.api")


def application(
    routes: Sequence[Route],
    *,
    database: Database,
    trouble_token: str | None,
    measured: type[metrics.Measured] = metrics.Measured,
) -> Starlette:
    """Return the application; what misbehaves on request exists only with a `trouble_token`."""
    every = [*routes, Route("/metrics", metrics.exposition)]
    middleware = [Middleware(measured, routes=every)]
    if trouble_token:
        trouble = Trouble(database, trouble_token)
        every += trouble.routes()
        middleware.append(Middleware(Troubled, trouble=trouble))
    metrics.observe_pool(database.pool)
    return Starlette(routes=every, middleware=middleware, exception_handlers=ANSWERS, lifespan=lifespan_of(database))


def lifespan_of(database: Database) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Return what opens the pool at the start, without waiting for it, and closes it at the end."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        database.open()
        yield
        database.close()

    return lifespan


def without_database(request: Request, error: Exception) -> JSONResponse:
    """Answer 503 while the database, or a connection to it, cannot be had."""
    LOG.error("%s %s: database: %s", request.method, request.url.path, str(error).strip())
    return JSONResponse({"error": "the database is not available"}, status_code=503)


def nobody_waits(_: Request, __: Exception) -> Response:
    """Answer a client who has gone: nobody reads it, and it is counted as what nginx counts it as."""
    return Response(status_code=499)


ANSWERS = {
    ClientDisconnect: nobody_waits,
    HTTPException: refused,
    PoolTimeout: without_database,
    TooManyRequests: without_database,
    OperationalError: without_database,
    UndefinedTable: without_database,  # not migrated yet
}
