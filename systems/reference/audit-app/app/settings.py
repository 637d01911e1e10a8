"""This process's settings, and what only audit-app is told."""

import os
from pathlib import Path

from standin.settings import Settings

SETTINGS = Settings.from_environment("AUDIT_APP")
TOKEN = os.environ.get("API_TOKEN", "")
CALLS = int(os.environ.get("RATE_LIMIT_CALLS", "120"))
INTERNAL_CALLS = int(os.environ.get("RATE_LIMIT_INTERNAL", "120"))
INTERNAL = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
RELEASE = Path(os.environ.get("RELEASE_FILE", "/tmp/release"))  # noqa: S108 - in a container of its own
