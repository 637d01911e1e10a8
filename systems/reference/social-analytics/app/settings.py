"""This process's settings, and what only social-analytics is told."""

import os
from pathlib import Path

from standin.settings import Settings

SETTINGS = Settings.from_environment("SOCIAL_ANALYTICS")
TOKEN = os.environ.get("API_TOKEN", "")
PLATFORMS = ("twitch", "twitter")
PLATFORM_KEY = os.environ.get("PLATFORM_KEY", "")
AWS_URL = os.environ.get("AWS_URL", "http://cloud:8000")
CREDENTIALS = "production/social-analytics/{}/credentials"
REVISION = Path("/tmp/revision")  # noqa: S108 - in a container of its own
