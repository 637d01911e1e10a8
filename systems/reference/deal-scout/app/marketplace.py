"""The marketplace: asked whether an offer is still listed, if EBAY_URL says where it is. Its errors are counted."""

from __future__ import annotations

import logging
import os
import urllib.request

from prometheus_client import Counter

LOG = logging.getLogger("app.marketplace")
URL = os.environ.get("EBAY_URL")
TIMEOUT_SECONDS = 0.3

ERRORS = Counter("ebay_errors_total", "Questions to the marketplace that got an error or no answer.")


def listed(deal: int) -> bool | None:
    """Return whether the offer is listed; None if that is not known."""
    if not URL:
        return None
    try:
        with urllib.request.urlopen(f"{URL}/items/{deal}", timeout=TIMEOUT_SECONDS):  # noqa: S310 - set by us
            return True
    except OSError as error:
        LOG.error("ebay: %s", error)
        ERRORS.inc()
        return None
