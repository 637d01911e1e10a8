"""A scraper of one platform: what its page says, or what failed; a breaker spares a platform that is ill."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from typing import Any

from standin.breaker import Breaker
from standin.names import require_known

LOG = logging.getLogger("app.scraper")
TIMEOUT_SECONDS = 1.5
NAME_SECONDS = 0.5
OUTCOMES = {401: "unauthorized", 403: "unauthorized", 429: "rate_limited"}


class Scraper:
    """One platform's."""

    def __init__(self, platform: str, key: str) -> None:
        self.platform = platform
        self.breaker = Breaker()
        url = f"http://{platform}:8000/posts"
        self.request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})

    def scrape(self) -> tuple[str, list[dict[str, Any]]]:
        """Return what became of it, and the posts; `spared` while the breaker is open."""
        try:
            found = self.breaker.attempt(self._posts)
        except urllib.error.HTTPError as error:
            LOG.warning("%s answered %s", self.platform, error.code)
            return OUTCOMES.get(error.code, "failed"), []
        except (OSError, ValueError, KeyError, TypeError) as error:
            LOG.warning("%s: %s", self.platform, error)
            return "failed", []
        return ("spared", []) if found is None else ("success", found)

    def _posts(self) -> list[dict[str, Any]]:
        require_known(self.platform, seconds=NAME_SECONDS)
        with urllib.request.urlopen(self.request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - set by us
            posts = json.load(answer)["posts"]
        return [{"platform": self.platform, "post": str(one["post"]), "score": int(one["score"])} for one in posts]
