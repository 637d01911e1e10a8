"""Reads a PostgreSQL server: one login as the application, and one as a role that may see all sessions.

Each is one read-only transaction with timeouts, rolled back, that sends the statements below and no others.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from drillbook.probes.failure import Failure, classify, crashed, failure
from drillbook.probes.runner import hurried

if TYPE_CHECKING:
    from drillbook.target import Service

Session = dict[str, Any]

# Where a deadline passes, psycopg cancels its query and warns if it cannot: we say so ourselves.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

# set_config(…, true) lasts as long as the transaction
TIMEOUTS = """
SELECT set_config('statement_timeout', %(milliseconds)s, true), set_config('lock_timeout', %(milliseconds)s, true),
       set_config('idle_in_transaction_session_timeout', '10s', true)
"""
IDENTITY = """
SELECT current_database()::text AS database, current_user::text AS role, pg_is_in_recovery() AS recovering,
       current_setting('default_transaction_read_only') = 'on' AS read_only
"""
CAN_WRITE = """
SELECT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) OR EXISTS (
         SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
           AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS can_write
"""
# What of others' sessions is hidden from a role without pg_monitor shows as a NULL backend_type.
ACTIVITY = """
WITH clients AS (
  SELECT * FROM pg_catalog.pg_stat_activity
  WHERE application_name <> 'drillbook'
    AND (backend_type = 'client backend' OR (backend_type IS NULL AND usesysid IS NOT NULL))
), here AS (SELECT * FROM clients WHERE datname = current_database())
SELECT (SELECT count(*) FROM clients) AS clients,
       (SELECT count(*) FROM clients WHERE usename = %(role)s) AS of_role,
       (SELECT count(*) FROM here) AS of_database,
       (SELECT count(*) FROM clients WHERE backend_type IS NULL) AS hidden,
       (SELECT count(*) FROM here WHERE state LIKE 'idle in transaction%%') AS idle,
       (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)::float8
          FROM here WHERE state LIKE 'idle in transaction%%') AS oldest_idle,
       (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float8
          FROM here WHERE state = 'active') AS longest_query,
       (SELECT count(*) FROM here WHERE wait_event_type = 'Lock') AS waiting
"""
ROOM = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true), '0')::int AS server,
       (SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = %(role)s) AS role,
       (SELECT datconnlimit FROM pg_catalog.pg_database WHERE datname = current_database()) AS database
"""
SIZE = "SELECT pg_database_size(current_database()) AS bytes"

STATEMENTS = {
    "timeouts": TIMEOUTS,
    "identity": IDENTITY,
    "can_write": CAN_WRITE,
    "activity": ACTIVITY,
    "room": ROOM,
    "size": SIZE,
}

_TEXTS = (  # libpq passes on no SQLSTATE of a failed login, only the server's words
    (
        "down",
        r"is starting up|is shutting down|in recovery mode|not (yet )?accepting connections|terminating connection",
    ),
    # It has started a session, and cannot go on with it: a disk that is full lets nobody in.
    ("down", r"could not (write|open|read|create|extend|fsync|access) |no space left"),
    ("full", r"too many clients|too many connections|remaining connection slots"),
    ("login", r"authentication failed|no pg_hba\.conf entry|role .* does not exist|not permitted|no password supplied"),
    ("down", r"connection refused|connection reset|closed the connection|could not receive data|timeout expired"),
    ("unknown", r"SSL|certificate|resolve host|translate host|No route|unreachable|invalid response|expected authent"),
)
_WORDS = {
    "57P03": "down", "57P01": "down", "57P02": "down", "08006": "down", "53300": "full",
    "28000": "login", "28P01": "login",
}  # fmt: skip


async def facts(service: Service) -> dict[str, Any]:
    """Both sessions, at the same time; `monitor` is None where no such role is declared."""
    role = _role(service.address)
    login = _session(service, service.address, role)
    if not service.monitor:
        sessions = [await login, None]
    else:
        sessions = list(await asyncio.gather(login, _session(service, service.monitor, role)))
    asked = sum(one["asked"] for one in sessions if one)
    return {"login": sessions[0], "monitor": sessions[1], "asked": asked}


def cost(service: Service) -> int:
    """A login and every statement, for each role."""
    return (1 + len(STATEMENTS)) * (2 if service.monitor else 1)


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts."""


async def _session(service: Service, dsn: str, role: str) -> Session:
    """One login and what it finds out; as far as it came where it failed, with the reason in `failed`."""
    found: Session = {"failed": None, "by": "", "took": 0.0, "asked": 0}
    try:
        await hurried(_ask_all(found, service, dsn, role), service.declared.seconds)
    except Exception as error:
        found["failed"] = classify(error) or _of_postgres(error)
    return dict(found)


async def _ask_all(found: Session, service: Service, dsn: str, role: str) -> None:
    if not dsn:  # libpq would take that for its defaults, and ask whatever server is near
        raise psycopg.ProgrammingError("its address is empty")
    begun = time.monotonic()
    found["asked"] += 1
    connection = await psycopg.AsyncConnection.connect(
        _plain(dsn), application_name="drillbook", row_factory=dict_row, prepare_threshold=None, client_encoding="UTF8"
    )
    try:
        found |= {"took": time.monotonic() - begun, "by": f"{connection.info.hostaddr}:{connection.info.port}"}
        await connection.set_read_only(True)
        milliseconds = str(max(int(service.declared.seconds * 900), 1))
        for name, statement in STATEMENTS.items():
            found["asked"] += 1
            who = role or found.get("identity", {}).get("role", "")
            cursor = await connection.execute(statement, {"milliseconds": milliseconds, "role": who})
            found[name] = await cursor.fetchone()
    finally:
        await connection.close()  # which rolls back


def _plain(dsn: str) -> str:
    """`dsn` as libpq knows it: what an ORM writes behind `postgresql` is left out."""
    return re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", dsn)


def _role(dsn: str) -> str:
    """The role that `dsn` logs in; empty where it does not say."""
    try:
        return str(psycopg.conninfo.conninfo_to_dict(_plain(dsn)).get("user") or "")
    except psycopg.Error:
        return ""


def _of_postgres(error: Exception) -> Failure:
    """What psycopg alone can say."""
    if not isinstance(error, psycopg.Error):
        return crashed(error)
    text = str(error).strip()
    by_code = _WORDS.get(error.sqlstate or "")
    by_text = next((kind for kind, pattern in _TEXTS if re.search(pattern, text[:2000], re.IGNORECASE)), "unknown")
    return failure(by_code or by_text, _reason(text))  # type: ignore[arg-type]


def _reason(text: str) -> str:
    """libpq's words without its preamble, which repeats the address."""
    words = re.split(r"failed: (?:FATAL: |ERROR: )?", text[:2000].splitlines()[0] if text else "no reason given")[
        -1
    ].strip()
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
