"""The forms in which a secret travels: quoted for URLs, escaped for JSON, Python and HTML, as base64 or hexadecimal."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "***"
_ESCAPED_FOR_HTML = (("&#x27;", "&#39;", "&apos;"), ("&quot;", "&#34;", "&#x22;"))


def disguises(secret: str) -> set[str]:
    """Every form of `secret` that is looked for, itself included."""
    said = {secret, secret.upper(), repr(secret)[1:-1]}  # one letter can be two capitals
    return {*said, *_in_urls(secret), *_in_json(secret), *_in_html(secret), *_in_bytes(secret)}


def _in_urls(secret: str) -> Iterator[str]:
    data = secret.encode(errors="surrogatepass")
    for form in (quote(data, safe=""), quote(data), quote(data, safe="/:@"), quote_plus(data)):
        yield form
        yield re.sub("%..", lambda found: found[0].lower(), form)


def _in_json(secret: str) -> Iterator[str]:
    for form in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield form
        yield form.replace("/", "\\/")
    for digits in ("04x", "04X"):
        yield "".join(one if one.isascii() and one.isalnum() else f"\\u{ord(one):{digits}}" for one in secret)
        yield re.sub(r"[<>&'+\"/]", lambda found: f"\\u{ord(found[0]):{digits}}", secret)  # noqa: B023


def _in_html(secret: str) -> Iterator[str]:
    yield html.escape(secret, quote=False)
    for single in _ESCAPED_FOR_HTML[0]:
        for double in _ESCAPED_FOR_HTML[1]:
            escaped = html.escape(secret, quote=False).replace("'", single).replace('"', double)
            yield escaped
            yield escaped.replace("/", "&#x2F;")


def _in_bytes(secret: str) -> Iterator[str]:
    """The bytes of the secret as others write them: in base64, in hexadecimal, as Python or as Latin-1 has them."""
    data = secret.encode(errors="surrogatepass")
    yield from (data.hex(), repr(data)[2:-1], data.decode("latin-1"))
    yield from _in_base64(data)


def _in_base64(data: bytes) -> Iterator[str]:
    """What base64 makes of the secret wherever it stands in a text, without what its neighbours have a part in."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        whole = (before + len(data)) % 3 == 0
        core = encoded[(0, 2, 3)[before] : len(encoded) if whole else len(encoded) - 1]
        yield core
        yield core.replace("+", "-").replace("/", "_")
    yield base64.b64encode(data).decode()
    yield base64.urlsafe_b64encode(data).decode()
