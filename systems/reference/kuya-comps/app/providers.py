"""The two APIs that listings come from: SearchAPI for what was sold, eBay Browse for what is on sale."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from app.failures import APIKeyMissingError, RateLimitError, ScraperError
from standin.names import require_known

TIMEOUT_SECONDS = 4.0
NAME_SECONDS = 0.5
EXCEEDED = {"SearchAPI": "SearchAPI rate limit exceeded", "eBay": "eBay API quota exceeded"}


def fetch(provider: str, request: urllib.request.Request) -> Any:
    """Return the JSON of one answer; a Failure says what kind of other answer there was."""
    try:
        require_known(request.host.partition(":")[0], seconds=NAME_SECONDS)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - set by us
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise refusal(provider, error.code) from None
    except (OSError, ValueError) as error:
        raise ScraperError(provider, f"no answer that can be read ({type(error).__name__})") from None


def refusal(provider: str, status: int) -> Exception:
    """Return what a status means."""
    if status in (401, 403):
        return APIKeyMissingError(provider, f"it refused our key ({status})")
    if status == 429:
        return RateLimitError(provider, EXCEEDED[provider])
    return ScraperError(provider, f"it answered {status}")


def items_of(provider: str, answer: Any, key: str) -> list[Any]:
    """Return the list at `key`; ScraperError where the answer has none."""
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise ScraperError(provider, f"its answer has no {key}")
    return found


@dataclass
class SearchApi:
    """Sold listings: each call costs one of the month's searches."""

    key: str = field(repr=False)
    base: str = "http://searchapi:8000"

    def sold(self, query: str, pages: int) -> list[Any]:
        """Return what was sold lately."""
        words = urllib.parse.urlencode({"engine": "ebay_search", "q": query, "num": pages})
        headers = {"Authorization": f"Bearer {self.key}"}
        asked = urllib.request.Request(f"{self.base}/api/v1/search?{words}", headers=headers)  # noqa: S310 - set by us
        return items_of("SearchAPI", fetch("SearchAPI", asked), "organic_results")


@dataclass
class Ebay:
    """Active listings: each call costs one of the day's calls, and needs a token that is fetched first."""

    app_id: str = field(repr=False)
    secret: str = field(repr=False)
    base: str = "http://ebay:8000"
    _token: str = field(default="", repr=False)

    def active(self, query: str, pages: int) -> list[Any]:
        """Return what is on sale now."""
        words = urllib.parse.urlencode({"q": query, "limit": 20 * pages})
        try:
            return self._search(words, self._token or self._new_token())
        except APIKeyMissingError:  # a token does not live for ever
            return self._search(words, self._new_token())

    def _search(self, words: str, token: str) -> list[Any]:
        url = f"{self.base}/buy/browse/v1/item_summary/search?{words}"
        asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - set by us
        return items_of("eBay", fetch("eBay", asked), "itemSummaries")

    def _new_token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": self.app_id, "client_secret": self.secret}
        body = urllib.parse.urlencode(form).encode()
        asked = urllib.request.Request(f"{self.base}/identity/v1/oauth2/token", data=body)  # noqa: S310 - set by us
        self._token = str(fetch("eBay", asked).get("access_token", ""))
        return self._token
