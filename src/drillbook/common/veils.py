"""Words that hide what they say behind several layers: quoted for a URL twice, HTML's numbers, base64 of base64."""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = re.compile(r"[^\s\"<>,]{12,}")
DEEPEST = 4
_VEIL = re.compile(r"%25|&\#|&amp;|\\\\u00|[0-9a-z+/_-]{16}", re.IGNORECASE)
_BASE64 = re.compile(r"[0-9a-z+/_-]{16,}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\+u00([0-9a-f]{2})", re.IGNORECASE)


def has_veils(text: str) -> bool:
    """Whether anything in `text` could have a layer that is worth taking off."""
    return bool(_VEIL.search(text))


def layers(word: str) -> Iterator[str]:
    """What `word` says with one layer taken off, with two, and so on."""
    for _ in range(DEEPEST if has_veils(word) else 0):
        yield from map(_of_base64, _BASE64.findall(word))
        below = html.unescape(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), unquote(word)))
        if below == word:
            return
        yield (word := below)


def _of_base64(word: str) -> str:
    """What `word` stands for, read from its first four characters on: what stands before may look like a part of it."""
    plain = word.replace("-", "+").replace("_", "/")
    read = [base64.b64decode(plain[at : len(plain) - (len(plain) - at) % 4]) for at in range(4)]
    return "\n".join(one.decode(errors="replace") for one in read)
