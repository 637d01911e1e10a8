"""Celery's application: `celery -A app.worker worker`, `celery -A app.worker beat`."""

from __future__ import annotations

from app.settings import SETTINGS
from standin.alive import touch_from
from standin.celery_app import celery_application

SCAN = "scan_all"
NOTIFY = "app.tasks.notify.send_notifications"

celery_app = celery_application(
    "deal-scout",
    broker=SETTINGS.redis_url,
    tasks=["app.tasks.scan", "app.tasks.notify"],
    schedule={
        "scan": {"task": SCAN, "schedule": 2.0},
        "notify": {"task": NOTIFY, "schedule": 2.0, "options": {"priority": 3}},
    },
)
touch_from(celery_app)
