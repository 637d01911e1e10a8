"""PostgreSQL's addresses as applications write them: SQLAlchemy, asyncpg, Prisma, Django, JDBC, Npgsql."""

from __future__ import annotations

import re
from dataclasses import replace

from drillbook.common import semicolons
from drillbook.common.parameters import LIBPQ, OF_POSTGRES_APPLICATIONS, TLS
from drillbook.system.spelling import Misspelt, Spelling, Url, left_out, refuse_unknown, url_of, without

_OURS = re.compile(r"(postgres|postgresql|postgis|pgsql|psql)(\+\w+)?")
_OTHERS = re.compile(
    r"(jdbc:)?(mysql|mariadb|sqlite|mongodb|mssql|sqlserver|oracle|rediss?|amqp|https?)(\+\w+)?://.*", re.DOTALL
)
_JDBC = {"applicationname": "application_name", "sslrootcert": "sslrootcert"}
# How others ask for TLS: a word that only says yes asks for a certificate that is trusted.
_MODES = {
    "true": "verify-full", "1": "verify-full", "yes": "verify-full", "on": "verify-full", "strict": "verify-full",
    "false": "disable", "0": "disable", "no": "disable", "off": "disable",
    "no-verify": "require", "accept_invalid_certs": "require", "verifyca": "verify-ca", "verifyfull": "verify-full",
}  # fmt: skip
_KNOWN_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def understood(address: str) -> Spelling:
    """`address` as libpq reads it; Misspelt says what to change where that is not safe to guess."""
    if found := semicolons.pairs(address):
        return _of_dot_net(found)
    if other := _OTHERS.fullmatch(address.strip()):
        raise Misspelt(f"is an address of {other[2]}, and this service is a PostgreSQL: give its postgresql:// URL")
    if address.startswith("jdbc:") and not address.startswith("jdbc:postgresql://"):
        raise Misspelt("is a JDBC address without a host: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    url = url_of(address.strip().removeprefix("jdbc:"))
    if not url or not _OURS.fullmatch(url.scheme):
        return Spelling(_plain(address))
    kept, dropped = without(replace(url, scheme="postgresql"), OF_POSTGRES_APPLICATIONS)
    query, notes = _with_mode([(_JDBC.get(key.lower(), key), value) for key, value in kept.query])
    refuse_unknown([key for key, _ in query], LIBPQ, "libpq")
    return Spelling(Url("postgresql", kept.middle, tuple(query)).text(), (*dropped, *notes))


def _plain(address: str) -> str:
    """An address that cannot be taken apart for certain; only what an ORM writes behind `postgresql` is left out."""
    return re.sub(r"^(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://", "postgresql://", address.strip())


def _with_mode(query: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """The query with one `sslmode` in libpq's words, and the note that says what was taken for it."""
    asked = [(key, value) for key, value in query if key.lower() in TLS]
    rest = [pair for pair in query if pair not in asked]
    stated = next((pair for pair in asked if pair[0].lower() == "sslmode"), asked[0] if asked else None)
    if not stated:
        return rest, ()
    key, value = stated
    mode = _MODES.get(value.lower(), value.lower())
    if mode not in _KNOWN_MODES:
        raise Misspelt(f"has a value of {key} that libpq does not know: write sslmode={'|'.join(_KNOWN_MODES)}")
    own_roots = any(key.lower() == "sslrootcert" for key, _ in rest)
    trust = [("sslrootcert", "system")] if value.lower() in _MODES and mode == "verify-full" and not own_roots else []
    note = f"{key}={value} is taken for sslmode={mode}" if (key.lower(), value.lower()) != ("sslmode", mode) else ""
    return [*rest, ("sslmode", mode), *trust], (note,) if note else ()


def _of_dot_net(found: list[tuple[str, str]]) -> Spelling:
    """The same as words of `key=value`."""
    kept = [pair for pair in found if pair[0] not in OF_POSTGRES_APPLICATIONS]
    query, notes = _with_mode(kept)
    refuse_unknown([key for key, _ in query], LIBPQ, "libpq")
    words = " ".join(f"{key}='{_escaped(value)}'" for key, value in query)
    return Spelling(words, (*left_out([key for key, _ in found if key in OF_POSTGRES_APPLICATIONS]), *notes))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
