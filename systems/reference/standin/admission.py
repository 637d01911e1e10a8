"""Who may use the switches: whoever carries the token that only a drill has."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.requests import Request

HEADER = "X-Trouble-Token"


def admit(request: Request, token: str) -> None:
    """Refuse, with 403, whoever does not carry the token."""
    if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), token.encode()):
        raise HTTPException(403, f"{HEADER} is missing or wrong")
