"""What a stand-in is told from outside, read once from its environment.

The database's address and password come as libpq's own variables (PGHOST, PGUSER, PGPASSWORD, …): psycopg and
psql both read them, and a password needs no quoting.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One process's settings; the defaults are those of the compose files."""

    redis_url: str = "redis://redis:6379/0"
    database: str = ""  # a libpq conninfo string; what it leaves out comes from PG* variables
    pool_min: int = 2
    pool_max: int = 10
    cache_seconds: int = 300  # long beside the seconds over which a hit rate is read: a healthy copy is steadily green
    log_file: str | None = None
    trouble_token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, prefix: str) -> Settings:
        """Return the settings of the system whose own variables start with `prefix`, such as DEAL_SCOUT."""
        return cls(
            redis_url=os.environ.get("REDIS_URL", cls.redis_url),
            pool_min=int(os.environ.get("POOL_MIN", cls.pool_min)),
            pool_max=int(os.environ.get("POOL_MAX", cls.pool_max)),
            cache_seconds=int(os.environ.get("CACHE_SECONDS", cls.cache_seconds)),
            log_file=os.environ.get("LOG_FILE") or None,
            trouble_token=os.environ.get(f"{prefix}_TROUBLE") or None,
        )
