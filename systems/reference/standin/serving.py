"""How every HTTP service of the stand-ins is served: on port 8000, until it is told to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STOP_SECONDS = 1  # for requests under way when the process is told to end


def serve(app: ASGIApp) -> None:
    """Serve until told to end."""
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104 - its container's own network
        port=8000,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
