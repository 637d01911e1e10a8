"""Where TLS is spoken, as people write it: HOST:PORT, or the URL of what is spoken inside."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from drillbook.system.spelling import Misspelt, Spelling

_BARE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?")
_SCHEMES = ("tls", "https")


def understood(address: str) -> Spelling:
    """`address` as tls://HOST:PORT, 443 where it names no port; Misspelt says what to write."""
    address = address.strip()
    url = f"tls://{address}" if _BARE.fullmatch(address) else address
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        host, port = None, 0
    if not host or parts.scheme not in _SCHEMES or parts.username is not None:
        raise Misspelt("is no place where TLS is spoken: write HOST:PORT, tls://HOST:PORT or https://HOST")
    return Spelling(f"tls://{f'[{host}]' if ':' in host else host}:{port}")
