"""httpx as probes use it: without its command line, whose libraries (rich, click, pygments) cost as much as itself."""

from __future__ import annotations

import sys

_COMMAND_LINE = "httpx._main"

# httpx does without it where those libraries are missing; so it does where the module is said to be missing.
sys.modules.setdefault(_COMMAND_LINE, None)  # type: ignore[arg-type]

import anyio._backends._asyncio  # noqa: E402, F401  # httpx loads it at its first request, whose latency that would spoil
import httpx  # noqa: E402

if sys.modules[_COMMAND_LINE] is None:
    del sys.modules[_COMMAND_LINE]

__all__ = ["httpx"]
