"""The pages that people look at in an incident: status page, dashboards, logs, error tracker: `python -m app.sites`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from standin.serving import serve
from standin.upstream import application

if TYPE_CHECKING:
    from starlette.requests import Request


async def status(_: Request) -> JSONResponse:
    """Answer as the status page."""
    return JSONResponse({"page": {"name": "audit-app"}, "status": {"indicator": "none"}})


async def dashboards(_: Request) -> JSONResponse:
    """Answer as Grafana."""
    return JSONResponse({"database": "ok", "version": "10.0.0"})


async def logs(_: Request) -> PlainTextResponse:
    """Answer as Loki."""
    return PlainTextResponse("ready\n")


async def errors(_: Request) -> JSONResponse:
    """Answer as Sentry."""
    return JSONResponse({"version": "0", "auth": None, "user": None})


if __name__ == "__main__":
    routes = [
        Route("/status", status),
        Route("/grafana/api/health", dashboards),
        Route("/loki/ready", logs),
        Route("/sentry/api/0/", errors),
    ]
    serve(application(routes, os.environ.get("AUDIT_APP_TROUBLE") or None))
