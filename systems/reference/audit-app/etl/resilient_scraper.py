"""Fetches from the source: several attempts with a delay between them, into a file that is whole or not there."""

from __future__ import annotations

import os
import time
import urllib.request
from pathlib import Path

from standin.names import require_known

URL = "http://source:8000/reports"
DOWNLOADS = Path("/tmp/etl_downloads")  # noqa: S108 - a volume of its own
RETRIES = int(os.environ.get("ETL_RETRIES", "2"))
DELAY_SECONDS = float(os.environ.get("ETL_DELAY", "0.5"))
TIMEOUT_SECONDS = 2.0
NAME_SECONDS = 0.5


def download() -> Path:
    """Return the file with what the source has now; raise what went wrong with the last attempt."""
    for _ in range(RETRIES):
        try:
            return kept(fetched())
        except OSError:
            time.sleep(DELAY_SECONDS)
    return kept(fetched())


def fetched() -> bytes:
    """Ask once."""
    require_known("source", seconds=NAME_SECONDS)
    with urllib.request.urlopen(URL, timeout=TIMEOUT_SECONDS) as answer:
        return bytes(answer.read())


def kept(content: bytes) -> Path:
    """Write it beside its place and move it there."""
    part = DOWNLOADS / "reports.part"
    part.write_bytes(content)
    return part.replace(DOWNLOADS / "reports.json")
