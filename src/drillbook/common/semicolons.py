"""Addresses as .NET writes them, `Host=db;Username=shop;Password="…"`: their pairs, under the names that libpq has."""

from __future__ import annotations

import re

_PAIR = re.compile(r"""\s*([A-Za-z][A-Za-z _]*?)\s*=\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*?)\s*(?:;|$)""")
_OWN = {
    "server": "host", "datasource": "host", "addr": "host",
    "userid": "user", "uid": "user", "username": "user",
    "pwd": "password", "psw": "password",
    "database": "dbname", "db": "dbname", "initialcatalog": "dbname",
    "sslmode": "sslmode", "applicationname": "application_name", "rootcertificate": "sslrootcert",
    "sslcertificate": "sslcert", "targetsessionattributes": "target_session_attrs",
}  # fmt: skip


def pairs(address: str) -> list[tuple[str, str]]:
    """The keys, in libpq's words where it has one, and the values; none where `address` has another form."""
    if ";" not in address or not re.fullmatch(rf"(?:{_PAIR.pattern})+\s*", address):
        return []
    found = [(re.sub("[ _]", "", key).lower(), _unquoted(value)) for key, value in _PAIR.findall(address)]
    return [(_OWN.get(key, key), value) for key, value in found] if "host" in {_OWN.get(k, k) for k, _ in found} else []


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote in ("'", '"') and len(value) > 1:
        return value[1:-1].replace(quote * 2, quote)
    return value
