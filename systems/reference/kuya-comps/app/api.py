"""The application: `python -m app.api` serves searches, the front page, health and figures, on port 8000."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from app.comps import Comps, Source
from app.figures import Counted, Figures
from app.pages import Pages
from app.providers import Ebay, SearchApi
from app.request_id import Named
from app.sentry_client import Sentry
from app.settings import Settings, checked
from standin import logs
from standin.cache import Cache, connect
from standin.handlers import refused
from standin.limiter import Limited, Limiter
from standin.serving import serve
from standin.switches import switched

if TYPE_CHECKING:
    from redis import Redis

LONGEST = 1.5  # a value lives at most so many times as long as the cache is told: jitter


def application(settings: Settings) -> Starlette:
    """Return the application: whatever is asked is counted first, then named, then limited."""
    redis, figures = connect(settings.redis_url), Figures()
    limiter = Limiter(redis, settings.per_minute, settings.networks)
    sources = sources_of(settings, redis)
    searches, pages = Comps(sources, figures, Sentry(settings.sentry_key)), Pages(redis, sources, figures, limiter)
    switches, obeying = switched(settings.trouble_token)
    routes = [*switches, *searches.routes(), *pages.routes()]
    counted, limited = Middleware(Counted, routes=routes, figures=figures), Middleware(Limited, limiter=limiter)
    middleware = [counted, *obeying, Middleware(Named), limited]
    return Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: refused})


def sources_of(settings: Settings, redis: Redis) -> list[Source]:
    """Return where listings come from: each has a cache that keeps them as long as its setting says."""
    sold, active = SearchApi(settings.search_key).sold, Ebay(settings.ebay_id, settings.ebay_secret).active
    return [
        Source("sold", sold, Cache(redis, int(settings.ttl_sold / LONGEST))),
        Source("active", active, Cache(redis, int(settings.ttl_active / LONGEST))),
    ]


def main() -> None:
    """Serve until told to end; not at all where a setting is missing."""
    logs.configure(None)
    serve(application(checked()))


if __name__ == "__main__":
    main()
