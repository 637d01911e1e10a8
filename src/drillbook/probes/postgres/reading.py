"""Reads a PostgreSQL server: logins as the application, and one as a role that may see all sessions.

Each asks in one read-only transaction with timeouts, rolled back, that sends what `statements` holds and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg.rows import dict_row

from drillbook.probes.failure import Failure, classify, crashed, failure
from drillbook.probes.lateness import Stopwatch, Timed, typical
from drillbook.probes.postgres.statements import STATEMENTS
from drillbook.probes.runner import hurried
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from drillbook.probes.postgres.table import PostgresService
    from drillbook.system.target import Service

    Connection = psycopg.AsyncConnection[dict[str, Any]]

Session = dict[str, Any]
MONITOR = "monitor"

# Where a deadline passes, psycopg cancels its query and warns if it cannot: we say so ourselves.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_TEXTS = (  # libpq passes on no SQLSTATE of a failed login, only the server's words
    (
        "down",
        r"is starting up|is shutting down|in recovery mode|not (yet )?accepting connections|terminating connection",
    ),
    # It has started a session, and cannot go on with it: a disk that is full lets nobody in.
    ("down", r"could not (write|open|read|create|extend|fsync|access) |no space left"),
    ("full", r"too many (tcp )?(clients|connections)|remaining connection slots"),
    (  # nobody is behind a pooler: PgBouncer's words, pgcat's, Odyssey's
        "down",
        r"server login has been failing|cannot connect to server|all servers (are )?down|pooler is shut|is disabled"
        r"|failed to (get|connect to) remote server|database does not allow connections|server conn(ection)? crashed",
    ),
    (
        "login",
        r"authentication failed|no pg_hba\.conf entry|role .* does not exist|not permitted|no password supplied"
        r"|auth failed|no such user|has no credentials",
    ),
    ("down", r"connection refused|connection reset|closed the connection|could not receive data|timeout expired"),
    ("unknown", r"SSL|certificate|resolve host|translate host|No route|unreachable|invalid response|expected authent"),
)
_POOLER = {  # what poolers say of themselves: PgBouncer and Supavisor; PgBouncer, pgcat and Supavisor, RDS Proxy
    "full": r"no more connections allowed|max clients? (connections )?reached",
    "waited": r"query_wait_timeout|from the pool|acquire database connection",
}
_POOLS = {
    "full": "the pooler takes no more clients",
    "waited": "the pooler has no connection to the server for us: used up, paused, or the server has just gone",
}
_WORDS = {
    "57P03": "down", "57P01": "down", "57P02": "down", "08006": "down", "53300": "full",
    "28000": "login", "28P01": "login",
}  # fmt: skip


async def facts(service: Service) -> dict[str, Any]:
    """Both sessions, at the same time; `monitor` is None where no such role is declared."""
    role = _role(service.address)
    found = [_sampled(service, role), *([_monitored(service, role)] if service.monitor else [])]
    login, *monitor = await asyncio.gather(*found)
    asked = sum(one["asked"] for one in (login, *monitor))
    mute = bool(login["failed"] and login["failed"].get("silent"))
    return {"login": login, "monitor": monitor[0] if monitor else None, "asked": asked, "mute": mute}


async def anew(service: Service, _what: str, first: dict[str, Any]) -> dict[str, Any]:
    """The facts with the application's login tried again, once."""
    login = await _session(service, service.address, _role(service.address), statements={})
    kept = {} if login["failed"] else first["login"]
    return first | {"login": kept | login}


def cost(service: Service) -> int:
    """The application's logins, as often as there are samples, the other role's, and every statement for each."""
    samples = cast("PostgresService", service.declared).samples
    return samples + len(STATEMENTS) + (1 + len(STATEMENTS) if service.monitor else 0)


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing here counts."""


async def _sampled(service: Service, role: str) -> Session:
    """A session of the application; its login is then timed as often as declared.

    A login that fails ends that, and says nothing: the server may not have ended the session before yet.
    """
    found = await _session(service, service.address, role)
    declared, began = cast("PostgresService", service.declared), time.monotonic()
    samples = [Timed(took=found["took"], late=found["late"])]
    with suppress(Exception):
        while not found["failed"] and len(samples) < declared.samples:
            if time.monotonic() - began > declared.seconds / 4:
                break
            found["asked"] += 1
            samples.append(await _timed_login(service))
    return found | typical(samples) | {"samples": [[one["took"], one["late"]] for one in samples]}


async def _monitored(service: Service, role: str) -> Session:
    """A session of the role that may see all others; what is told in its place where it hung before."""
    turn = turn_of(service)
    turn.at_last()  # beside the application's there is no other
    if told := turn.instead(MONITOR):
        return _nothing() | {"failed": told["error"]}
    found = await _session(service, service.monitor, role)
    turn.hear_of(MONITOR, found["failed"], asked="the monitoring role's session")
    return found


async def _timed_login(service: Service) -> Timed:
    with Stopwatch() as watch:
        connection = await hurried(_connect(service.address), service.declared.seconds)
    await connection.close()
    return watch.timed()


async def _session(service: Service, dsn: str, role: str, statements: Mapping[str, str] = STATEMENTS) -> Session:
    """One login and what it finds out; as far as it came where it failed, with the reason in `failed`."""
    found = _nothing()
    try:
        await hurried(_ask_all(found, service, dsn, role, statements), service.declared.seconds)
    except Exception as error:
        found["failed"] = _of_pooler(error, found) or classify(error) or _of_postgres(error)
    return dict(found)


def _nothing() -> Session:
    return {"failed": None, "by": "", "took": 0.0, "late": 0.0, "asked": 0}


async def _ask_all(found: Session, service: Service, dsn: str, role: str, statements: Mapping[str, str]) -> None:
    if not dsn:  # libpq would take that for its defaults, and ask whatever server is near
        raise psycopg.ProgrammingError("its address is empty")
    _understood(dsn)
    found["asked"] += 1
    with Stopwatch() as watch:
        connection = await _connect(dsn)
    try:
        found |= {**watch.timed(), "by": f"{connection.info.hostaddr}:{connection.info.port}"}
        await connection.set_read_only(True)
        milliseconds = str(max(int(service.declared.seconds * 900), 1))
        for name, statement in statements.items():
            found["asked"] += 1
            who = role or found.get("identity", {}).get("role", "")
            given = {"milliseconds": milliseconds, "waiting": milliseconds, "role": who}
            cursor = await connection.execute(statement, given)
            found[name] = await cursor.fetchone()
    finally:
        await connection.close()  # which rolls back


@asynccontextmanager
async def session(service: Service, milliseconds: int) -> AsyncIterator[Connection]:
    """A session of the application that only reads, in which no statement takes longer; nothing of it is kept."""
    if not service.address:
        raise psycopg.ProgrammingError("its address is empty")
    _understood(service.address)
    connection = await _connect(service.address)
    try:
        await connection.set_read_only(True)
        waiting = milliseconds * 9 // 10  # it ends before the statement does, and so says what that waits for
        given = {"milliseconds": str(max(milliseconds, 1)), "waiting": str(max(waiting, 1))}
        await connection.execute(STATEMENTS["timeouts"], given)
        yield connection
    finally:
        await connection.close()


def failed(error: Exception) -> Failure:
    """What an error says that a session ended with."""
    return classify(error) or _of_postgres(error)


async def _connect(dsn: str) -> Connection:
    return await psycopg.AsyncConnection.connect(
        dsn, application_name="drillbook", row_factory=dict_row, prepare_threshold=None, client_encoding="UTF8"
    )


def _understood(dsn: str) -> None:
    """Says in our own words what libpq does not understand: its own repeat the address."""
    try:
        psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise psycopg.ProgrammingError(
            "its address is no postgresql:// URL and no DSN: quote what is special"
        ) from None


def _role(dsn: str) -> str:
    """The role that `dsn` logs in; empty where it does not say."""
    try:
        return str(psycopg.conninfo.conninfo_to_dict(dsn).get("user") or "")
    except psycopg.Error:
        return ""


def _of_pooler(error: Exception, found: Session) -> Failure | None:
    """What a pooler says, or the silence of what let us in; None where that was not it.

    `pooler` is `full` where it takes no more clients, `waited` where no connection to the server became free for us.
    """
    let_in = found["took"] > 0 and "timeouts" not in found
    if let_in and isinstance(error, TimeoutError):
        return failure("down", f"it let us in, then {error}: a pooler whose pool is used up or paused, or it hangs") | {
            "silent": True
        }
    if not isinstance(error, psycopg.Error):
        return None
    words = _reason(str(error).strip())
    what = next((name for name, pattern in _POOLER.items() if re.search(pattern, words, re.IGNORECASE)), None)
    if what == "waited" and not let_in:
        return failure("down", f"{words}: the pooler has not reached the server")
    return failure("full", f"{words}: {_POOLS[what]}") | {"pooler": what} if what else None


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
