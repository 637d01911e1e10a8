"""What the jobs do: ask a platform how many follow whom, and note it; what came of it is the execution's status."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.secrets import Secrets
    from standin.pool import Database

LOG = logging.getLogger("app.monitoring")
TIMEOUT_SECONDS = 2.0
STATUSES = {401: "unauthorized", 403: "unauthorized", 429: "rate_limited"}
ADD = "INSERT INTO followers (platform, account, count) VALUES (%(platform)s, %(account)s, %(count)s) RETURNING id"


class Monitoring:
    """The work of every job."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self.database = database
        self.secrets = secrets

    def __call__(self, job: dict[str, Any]) -> str:
        """Do it once; return `success`, `rate_limited`, `unauthorized` or `failed`."""
        try:
            found = ask(job["platform"], self.secrets.key(job["platform"]))
        except urllib.error.HTTPError as error:
            LOG.warning("%s: %s answered %s", job["name"], job["platform"], error.code)
            return STATUSES.get(error.code, "failed")
        except (OSError, ValueError, KeyError) as error:
            LOG.warning("%s: %s", job["name"], error)
            return "failed"
        self.database.rows(ADD, {"platform": job["platform"], **found})
        return "success"


def ask(platform: str, key: str) -> dict[str, Any]:
    """Return an account and how many follow it."""
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"http://{platform}:8000/followers", headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - set by us
        read = json.load(answer)
    return {"account": read["account"], "count": read["count"]}
