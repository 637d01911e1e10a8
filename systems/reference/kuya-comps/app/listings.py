"""Listings of trading cards: the same for the same words."""

from __future__ import annotations

import zlib
from typing import Any


def listings(query: str, kind: str) -> list[dict[str, Any]]:
    """Return five to nine of them."""
    seed = zlib.crc32(f"{kind} {query}".encode())
    return [_one(query, kind, seed + number) for number in range(5 + seed % 5)]


def _one(query: str, kind: str, seed: int) -> dict[str, Any]:
    price = {"value": f"{5 + seed % 200}.{seed % 100:02}", "currency": "USD"}
    return {"itemId": f"v1|{seed}|0", "title": f"{query} no. {seed % 1000}", "price": price, "condition": kind}
