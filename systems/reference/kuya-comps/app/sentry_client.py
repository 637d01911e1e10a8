"""Tells Sentry of errors, without ever being in the way of an answer."""

from __future__ import annotations

import json
import logging
import queue
import threading
import urllib.request

LOG = logging.getLogger("app.sentry")
URL = "http://sentry:8000/api/1/store/"
TIMEOUT_SECONDS = 1.0
MOST_WAITING = 100


class Sentry:
    """Sends what it is told in a thread of its own; what does not fit any more is dropped."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._waiting: queue.Queue[str] = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._send_all, daemon=True, name="sentry").start()

    def tell(self, title: str) -> None:
        """Tell of an error."""
        if self.key and not self._waiting.full():
            self._waiting.put(title)

    def _send_all(self) -> None:
        while True:
            try:
                self._send(self._waiting.get())
            except OSError as error:
                LOG.warning("not told: %s", error)

    def _send(self, title: str) -> None:
        body = json.dumps({"title": title}).encode()
        event = urllib.request.Request(URL, data=body, headers={"Authorization": f"Bearer {self.key}"})
        with urllib.request.urlopen(event, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - set by us
            answer.read()
