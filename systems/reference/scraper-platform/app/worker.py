"""Celery's application: `celery -A app.worker worker`, `celery -A app.worker beat`."""

from __future__ import annotations

from app.settings import BROKER_URL, PLATFORMS
from standin.alive import touch_from
from standin.celery_app import celery_application

SCRAPE, CANARY, ARCHIVE = "scrape_platform", "canary", "archive_snapshots"

celery_app = celery_application(
    "scraper-platform",
    broker=BROKER_URL,
    tasks=["app.tasks"],
    schedule={
        **{f"scrape-{name}": {"task": SCRAPE, "schedule": 2.0, "args": [name]} for name in PLATFORMS},
        "canary": {"task": CANARY, "schedule": 2.0},
        "archive": {"task": ARCHIVE, "schedule": 3600.0},
    },
)
touch_from(celery_app)
