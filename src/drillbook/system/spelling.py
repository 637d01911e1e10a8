"""How an application writes its address, in the words of the client that asks: understood, or one line says why not.

An address that is no URL that we can take apart for certain stays as it is: its client says what is wrong with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from drillbook.common.login import taken_apart

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_SAYABLE = re.compile(r"[A-Za-z][A-Za-z_-]{0,40}")


class Misspelt(Exception):
    """What is to be changed in an address, in words that hold nothing of it but the names of keys."""


@dataclass(frozen=True)
class Spelling:
    """An address as its client reads it; `notes` says what was left out or taken for something else."""

    address: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Url:
    """The three parts of a URL that spellings differ in; `middle` is login, hosts and path, which stay as they are."""

    scheme: str
    middle: str
    query: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """The URL."""
        asked = "&".join(f"{key}={value}" for key, value in self.query)
        return f"{self.scheme}://{self.middle}{'?' if asked else ''}{asked}"


def url_of(address: str) -> Url | None:
    """The URL that `address` is; None where it is none, or could be read in two ways."""
    found = _URL.fullmatch(address.strip())
    if not found or not (taken_apart(address).place or found[2].startswith("/")):
        return None
    login, at, after = found[2].rpartition("@")
    path, _, query = after.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    if "#" in after or not all(is_pair for _, is_pair, _ in pairs):
        return None
    return Url(found[1].lower(), f"{login}{at}{path}", tuple((key, value) for key, _, value in pairs))


def without(url: Url, names: frozenset[str]) -> tuple[Url, tuple[str, ...]]:
    """`url` without the keys of its application's own, and the note that says so."""
    dropped = [key for key, _ in url.query if key.lower() in names]
    kept = tuple(pair for pair in url.query if pair[0] not in dropped)
    return Url(url.scheme, url.middle, kept), left_out(dropped)


def left_out(dropped: list[str]) -> tuple[str, ...]:
    """The note that keys were left out; none where there were none."""
    return (f"{', '.join(sorted(set(dropped)))}: for the application alone, left out",) if dropped else ()


def refuse_unknown(keys: list[str], known: frozenset[str], client: str) -> None:
    """Misspelt, where one of `keys` is not known to the client."""
    unknown = [key for key in keys if key.lower() not in known]
    if unknown:
        said = ", ".join(key if _SAYABLE.fullmatch(key) else "a key that is no word" for key in unknown)
        raise Misspelt(f"sets {said}, which {client} does not know: leave that out of the address")
