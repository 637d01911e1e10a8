"""Log lines, to standard output and, where the system keeps one, to a file that may be rotated under us."""

from __future__ import annotations

import logging
from logging.handlers import WatchedFileHandler

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure(path: str | None) -> None:
    """Log to standard output, and to `path` where it can be opened: a full or missing disk stops no start."""
    logging.basicConfig(level=logging.WARNING, format=LINE)
    if path:
        add_file(path)


def add_file(path: str) -> None:
    """Add the file, which is opened anew when it was moved away."""
    try:
        handler = WatchedFileHandler(path)
    except OSError as error:
        logging.getLogger(__name__).error("no log file: %s", error)
        return
    handler.setFormatter(logging.Formatter(LINE))
    logging.getLogger().addHandler(handler)
