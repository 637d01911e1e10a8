"""A statement that a system file writes down, or a check asks: one, and one that only looks.

The session's read-only transaction is what protects; this says so before anybody is asked, and keeps out what such a
transaction lets through.
"""

from __future__ import annotations

import re

_APART = re.compile(  # comments, and texts and names in quotes
    r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|\"(?:\"\"|[^\"])*\"", re.DOTALL
)
_WRITES = re.compile(
    r"\(\s*(insert\s+into|update\s+\S+\s+set|delete\s+from|merge\s+into)\b|\bfor\s+(no\s+key\s+)?update\b",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\b(pg_(terminate|cancel)_backend|pg_(reload_conf|rotate_logfile|promote|switch_wal|notify)|pg_stat_reset\w*"
    r"|pg_(create|drop|file|replication|wal_replay)_\w+|pg_(try_)?advisory\w*|pg_logical_(emit|slot_get)\w*"
    r"|lo_\w+|dblink\w*|nextval|setval|set_config)\s*\(",
    re.IGNORECASE,
)


def only_looks(sql: str) -> str:
    """`sql` without a semicolon behind it; ValueError says in words what it may not be."""
    plain = _APART.sub(" ", sql).strip().removesuffix(";").strip()
    word = re.match(r"\(*\s*(\w*)", plain)
    if word is None or word[1].lower() not in ("select", "with", "show"):
        raise ValueError("is no statement that only looks: it begins with SELECT, WITH or SHOW")
    if ";" in plain:
        raise ValueError("holds several statements: write one")
    if found := _WRITES.search(plain):
        raise ValueError(f"writes ({' '.join(found[0].strip('( ').split())}): a check only reads")
    if found := _ACTS.search(plain):
        raise ValueError(f"calls {found[1]}, which does more than look: a check only reads")
    return sql.strip().removesuffix(";")
