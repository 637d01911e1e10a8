"""Scanning: sees a few deals again, changes their prices a little, and has something to tell."""

from __future__ import annotations

from app.worker import SCAN, celery_app
from standin.tasks import noted

SEE_AGAIN = """
    UPDATE deals SET price = round(base_price * (0.9 + 0.2 * random())::numeric, 2), seen_at = now()
    WHERE id IN (SELECT 1 + floor(random() * 400)::int FROM generate_series(1, 3))
"""
TELL = "INSERT INTO notifications (recipient) VALUES ('visitor@example.com')"


@celery_app.task(name=SCAN)
def scan_all(key: str | None = None) -> None:
    """Scan; with a `key`, note that this job was done."""
    with noted(SCAN, key) as connection:
        connection.execute(SEE_AGAIN)
        connection.execute(TELL)
