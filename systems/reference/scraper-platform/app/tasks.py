"""Celery's tasks: scraping, a canary, and what throws old snapshots away; each run is noted as it begins and ends."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from celery.exceptions import Reject
from psycopg import OperationalError
from psycopg.errors import UndefinedTable

from app.scraper import Scraper
from app.settings import PLATFORM_KEY, PLATFORMS
from app.worker import ARCHIVE, CANARY, SCRAPE, celery_app
from standin.tasks import database

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = "INSERT INTO job_runs (task, status) VALUES (%(task)s, 'running') RETURNING id"
END = "UPDATE job_runs SET status = %(status)s, finished_at = now() WHERE id = %(id)s RETURNING id"
FORGET = "DELETE FROM job_runs WHERE finished_at < now() - interval '10 minutes' RETURNING id"
OLD = "DELETE FROM snapshots WHERE scraped_at < now() - interval '30 days' RETURNING id"
NOTE = "INSERT INTO scrapes (platform, outcome) VALUES (%(platform)s, %(outcome)s) RETURNING id"
STATE = """
    INSERT INTO breakers (platform, state) VALUES (%(platform)s, %(state)s)
    ON CONFLICT (platform) DO UPDATE SET state = excluded.state RETURNING platform
"""
ADD = "INSERT INTO snapshots (platform, post, score) VALUES (%(platform)s, %(post)s, %(score)s) RETURNING id"
TIDY = "DELETE FROM scrapes WHERE at < now() - interval '20 minutes' RETURNING id"

SCRAPERS = {name: Scraper(name, PLATFORM_KEY) for name in PLATFORMS}


@contextmanager
def noted(task: str) -> Iterator[None]:
    """Note that it runs, and what became of it. Without the database the run is given up: the next one replaces it."""
    try:
        [run] = database().rows(BEGIN, {"task": task})
    except (OperationalError, UndefinedTable) as error:
        raise Reject(error, requeue=False) from error
    status = "failed"
    try:
        yield
        status = "done"
    finally:
        database().rows(END, {"id": run["id"], "status": status})


@celery_app.task(name=SCRAPE)
def scrape(platform: str) -> None:
    """Scrape a platform once, and keep what it says and how it went."""
    with noted(SCRAPE):
        scraper = SCRAPERS[platform]
        outcome, posts = scraper.scrape()
        state = "closed" if scraper.breaker.closed else "open"
        keep(platform, outcome, state, posts)


@celery_app.task(name=CANARY)
def canary(seconds: float = 0) -> None:
    """Come back done, after so long."""
    with noted(CANARY):
        time.sleep(seconds)
        database().rows(FORGET)
        database().rows(TIDY)


@celery_app.task(name=ARCHIVE)
def archive() -> None:
    """Throw away what is older than is kept."""
    with noted(ARCHIVE):
        database().rows(OLD)


def keep(platform: str, outcome: str, state: str, posts: list[dict[str, Any]]) -> None:
    """Keep it all together, or nothing."""
    with database().connection() as connection:
        connection.execute(STATE, {"platform": platform, "state": state})
        if outcome != "spared":
            connection.execute(NOTE, {"platform": platform, "outcome": outcome})
        for post in posts:
            connection.execute(ADD, post)
