"""A second scheduler beside the backend's, as a second copy of the backend would have: `python -m app.second`."""

from __future__ import annotations

import signal

from app.api import database, scheduler
from standin import logs

if __name__ == "__main__":
    logs.configure(None)
    database.open()
    scheduler.start()
    signal.pause()
