"""This process's settings, and what only scraper-platform is told; it starts with all of them or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from standin.settings import Settings

SETTINGS = Settings.from_environment("SCRAPER_PLATFORM")
BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://broker:6379/0")
PLATFORMS = ("reddit", "youtube", "mastodon")
NEEDED = ("REDIS_URL", "CELERY_BROKER_URL", "PGHOST", "PGPASSWORD", "ADMIN_PASSWORD", "PLATFORM_KEY")
ADMIN_PASSWORD = os.environ.get("ADMIN_PASSWORD", "")
PLATFORM_KEY = os.environ.get("PLATFORM_KEY", "")
LOG_FILE = Path(SETTINGS.log_file or "/tmp/app.log")  # noqa: S108 - in a container of its own


def require_all() -> None:
    """End the process, in words, where a setting is missing."""
    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        sys.exit(f"CRITICAL app.settings: refusing to start, not set: {', '.join(missing)}")


if __name__ == "__main__":
    require_all()
