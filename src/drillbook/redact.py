"""Secrets never reach an output: every value that came from a secret's variable is remembered and masked.

What we write ourselves holds no secret to begin with; `scrub` is for what others say (a library's error, a
target's answer) and is called where text leaves the process.
"""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, unquote, urlsplit

MASK = "***"
SHORTEST = 6
_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/@\s:]*:)[^@\s/]+(?=@)", re.IGNORECASE)
_kept: set[str] = set()


def keep_secret(value: str) -> str:
    """Remembers `value`, and the forms in which it travels, as something to mask; gives it back unchanged.

    Values shorter than six characters are not remembered: masking them would make every text unreadable.
    """
    if len(value) >= SHORTEST:
        encoded = base64.b64encode(value.encode()).decode()
        _kept.update(
            {value, quote(value, safe=""), unquote(value), json.dumps(value)[1:-1], repr(value)[1:-1], encoded}
        )
    return value


def keep_secrets_of(url: str) -> str:
    """Remembers the password inside `url`, unless it is no more than the user's own name; gives `url` back."""
    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        return keep_secret(url)
    if password and password != user:
        keep_secret(password)
        keep_secret(unquote(password))
        keep_secret(base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode())
    return url


def masked(url: str) -> str:
    """`url` with its password masked, fit to print."""
    return _URL_PASSWORD.sub(rf"\g<before>{MASK}", url)


def scrub(text: str) -> str:
    """`text` without any remembered secret and without any password inside a URL."""
    for secret in sorted(_kept, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return masked(text)
