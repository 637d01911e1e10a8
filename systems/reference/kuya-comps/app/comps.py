"""Comparable listings: what was sold and what is on sale, each from the cache or from its provider.

One provider may fail, and what the other has is served; where both do, nothing is.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from app.failures import Failure
from standin.breaker import Breaker
from standin.handlers import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.figures import Figures
    from app.sentry_client import Sentry
    from standin.cache import Cache
    from standin.handlers import Call

LOG = logging.getLogger("app.comps")
MOST_PAGES = 5


@dataclass
class Source:
    """Where one of the two lists comes from; the breaker remembers whether that failed the last time."""

    name: str
    find: Callable[[str, int], list[Any]]
    cache: Cache
    state: Breaker = field(default_factory=Breaker)

    def listed(self, query: str, pages: int) -> tuple[list[Any], bool]:
        """Return the list, and whether the cache had it; a Failure where nobody has."""
        key = f"comps:{self.name}:{query}:{pages}"
        found, where = self.cache.get_or_load(key, lambda: self._asked(query, pages))
        return found, where == "cache"

    def _asked(self, query: str, pages: int) -> list[Any]:
        try:
            found = self.find(query, pages)
        except Failure:
            self.state.trip()
            raise
        self.state.reset()
        return found


class Comps:
    """The page /comps."""

    def __init__(self, sources: list[Source], figures: Figures, sentry: Sentry) -> None:
        self.sources = sources
        self.figures = figures
        self.sentry = sentry
        self.threads = ThreadPoolExecutor(max_workers=100, thread_name_prefix="sources")

    def routes(self) -> list[Route]:
        """Return the route of this part."""
        return [Route("/comps", in_thread(self.find))]

    def find(self, call: Call) -> JSONResponse:
        """Answer GET /comps?query=words&pages=1."""
        query = call.query.get("query", "").strip().lower()[:100]
        pages = call.number("pages", 1)
        if not query or not 1 <= pages <= MOST_PAGES:
            problem = {"class": "ValidationError", "message": f"query is needed, and pages from 1 to {MOST_PAGES}"}
            return JSONResponse({"error": problem}, status_code=422)
        under_way = {one.name: self.threads.submit(one.listed, query, pages) for one in self.sources}
        return self._answer(query, {name: self._outcome(one.result) for name, one in under_way.items()})

    def _outcome(self, listed: Callable[[], tuple[list[Any], bool]]) -> tuple[list[Any], bool] | Failure:
        """Return what a source had, or how it failed, which is noted."""
        try:
            found, hit = listed()
        except Failure as failure:
            self.figures.looked_up(hit=False)
            LOG.error("%s: %s: %s", type(failure).__name__, failure.provider, failure.message)
            self.sentry.tell(f"{type(failure).__name__}: {failure.provider}")
            return failure
        self.figures.looked_up(hit=hit)
        return found, hit

    def _answer(self, query: str, outcomes: dict[str, tuple[list[Any], bool] | Failure]) -> JSONResponse:
        failures = [one.told() for one in outcomes.values() if isinstance(one, Failure)]
        if len(failures) == len(outcomes):
            return JSONResponse({"error": failures[0], "errors": failures}, status_code=503)
        found = {name: ([], False) if isinstance(one, Failure) else one for name, one in outcomes.items()}
        lists = {name: items for name, (items, _) in found.items()}
        cached = {name: hit for name, (_, hit) in found.items()}
        return JSONResponse({"query": query, **lists, "cached": cached, "errors": failures})
