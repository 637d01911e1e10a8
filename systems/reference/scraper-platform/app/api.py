"""The backend: `python -m app.api` serves what was scraped, health, figures and the admin's pages, on port 8000."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import requests_log
from app.admin import Admin
from app.cache import SimpleFallback
from app.figures import Coded
from app.health import Health
from app.posts import Posts
from app.requests_log import Logged
from app.revisions import REVISIONS
from app.settings import BROKER_URL, SETTINGS, require_all
from app.watch import Memory, Workers, every
from app.worker import celery_app
from standin.api import application
from standin.cache import Cache, connect
from standin.migrations import Migrations
from standin.pool import Database
from standin.serving import serve

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def started() -> ASGIApp:
    """Return the application, with what it does behind the requests' backs begun."""
    database = Database(SETTINGS, name="backend")
    workers, memory = Workers(celery_app), Memory()
    Migrations(database, REVISIONS).upgrade_when_possible()
    every(2.0, workers.look)
    every(1.0, memory.look)
    return whole(database, workers, memory)


def whole(database: Database, workers: Workers, memory: Memory) -> ASGIApp:
    """Return the application, each of whose requests leaves a line in the log."""
    cache = SimpleFallback(Cache(connect(SETTINGS.redis_url), SETTINGS.cache_seconds))
    routes = [
        *Posts(database, cache).routes(),
        *Admin(database, cache, memory, workers).routes(),
        *Health(database, cache, connect(BROKER_URL), workers).routes(),
    ]
    served = application(routes, database=database, trouble_token=SETTINGS.trouble_token, measured=Coded)
    served.add_middleware(Logged)
    return served


def main() -> None:
    """Serve until told to end; not at all where a setting is missing."""
    require_all()
    requests_log.configure()
    serve(started())


if __name__ == "__main__":
    main()
