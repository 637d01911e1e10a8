"""This process's settings, and whether they are complete: `python -m app.settings` says so and exits.

`.env.example` beside this file names what must be set, to something else than what stands there.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

LOG = logging.getLogger("app.settings")
EXAMPLE = Path(__file__).with_name(".env.example")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says; the defaults are those of the runbook."""

    redis_url: str = field(repr=False)
    search_key: str = field(repr=False)
    ebay_id: str = field(repr=False)
    ebay_secret: str = field(repr=False)
    sentry_key: str = field(repr=False)
    trouble_token: str | None = field(repr=False)
    per_minute: int
    networks: dict[str, int]
    ttl_sold: int
    ttl_active: int

    @classmethod
    def from_environment(cls) -> Settings:
        """Return them; KeyError where one is missing that has no default."""
        return cls(
            redis_url=os.environ.get("REDIS_URL", "redis://redis:6379/0"),
            search_key=os.environ["SEARCH_API_KEY"],
            ebay_id=os.environ["EBAY_APP_ID"],
            ebay_secret=os.environ["EBAY_CERT_ID"],
            sentry_key=os.environ.get("SENTRY_KEY", ""),
            trouble_token=os.environ.get("KUYA_COMPS_TROUBLE") or None,
            per_minute=int(os.environ.get("RATE_LIMIT_PER_MINUTE", "10")),
            networks=dict.fromkeys(_NETWORKS, int(os.environ.get("RATE_LIMIT_INTERNAL", "10"))),
            ttl_sold=int(os.environ.get("CACHE_TTL_SOLD", "1800")),
            ttl_active=int(os.environ.get("CACHE_TTL_ACTIVE", "300")),
        )


_NETWORKS = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def missing() -> list[str]:
    """Return which settings of the example are not set, or are as they are there."""
    example = dict(line.split("=", 1) for line in EXAMPLE.read_text().split())
    return [name for name, placeholder in example.items() if os.environ.get(name, "") in ("", placeholder)]


def checked() -> Settings:
    """Return the settings; end the process, with a line in the log, where they are not complete."""
    if names := missing():
        LOG.error("Configuration validation failed: not set, or a placeholder: %s", ", ".join(names))
        sys.exit(1)
    return Settings.from_environment()


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    checked()
