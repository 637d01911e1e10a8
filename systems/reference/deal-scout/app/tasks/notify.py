"""Notifications: whatever is pending is marked as sent; sent ones are forgotten after an hour."""

from __future__ import annotations

from app.worker import NOTIFY, celery_app
from standin.tasks import noted

SEND = "UPDATE notifications SET status = 'sent', sent_at = now() WHERE status = 'pending'"
FORGET = "DELETE FROM notifications WHERE status = 'sent' AND sent_at < now() - interval '1 hour'"


@celery_app.task(name=NOTIFY)
def send_notifications(key: str | None = None) -> None:
    """Send; with a `key`, note that this job was done."""
    with noted(NOTIFY, key) as connection:
        connection.execute(SEND)
        connection.execute(FORGET)
