"""Signals from a PostgreSQL server: all statements in one session of the application, which only reads.

Each stands alone: one that is wrong, or takes too long, is undone and says so, and the others are asked all the same.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg.rows import tuple_row

from drillbook.probes.failure import said
from drillbook.probes.live import answered, spent
from drillbook.probes.postgres.reading import failed, session
from drillbook.probes.postgres.sql import only_looks
from drillbook.probes.question import Unmeasured
from drillbook.probes.runner import LONGER, hurried, run
from drillbook.probes.signals import DEADLINES
from drillbook.probes.values import single

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized

    from drillbook.probes.live import Spend
    from drillbook.probes.postgres.reading import Connection
    from drillbook.probes.postgres.table import SqlRead
    from drillbook.system.reads import Read
    from drillbook.system.target import Service

    Answer = dict[str, Any]

MOST_ROWS = 1000
_PLAIN = (int, float, str, bool, type(None))


async def bring(
    service: Service,
    reads: Mapping[str, Read],
    found: dict[str, Any],
    *,
    anew: bool,  # noqa: ARG001  # nothing of this is read otherwise
) -> dict[str, Any]:
    """What each statement answers: its rows, or why there are none."""
    if (found.get("login") or {}).get("failed"):
        return {}
    answers: dict[str, Answer] = {}
    ended = None
    statements = {key: cast("SqlRead", read).sql for key, read in reads.items()}
    try:
        await hurried(_ask(service, statements, answers), DEADLINES * service.declared.seconds)
    except Exception as error:
        ended = failed(error)
        why = f"{ended['reason']}: it was not answered before that"
        answers = {key: answers.get(key, {"why": why}) for key in statements}
    return {"answers": answers, "asked": 2 + len(answers), "failed": ended}


def values(_service: Service, key: str, _read: Read | None, reading: dict[str, Any]) -> dict[str, Any]:
    """The one value under no name, or each of the values by the name beside it."""
    brought = reading["signals"]
    if "answers" not in brought:
        raise Unmeasured(
            (brought.get("failed") or {"reason": "it was not asked: the application did not get in"})["reason"]
        )
    answer = brought["answers"][key]
    if "why" in answer:
        raise Unmeasured(answer["why"])
    return _named(answer["rows"], answer["columns"])


def now(service: Service, sql: str, *, spend: Spend) -> float | bool:
    """The one value that a statement answers now; Unmeasured where it is no such statement, or there is none."""
    try:
        statement = only_looks(sql)
    except ValueError as error:
        raise Unmeasured(f"the statement {error}") from None
    spent(service, spend, cost(service, (sql,)))
    within = LONGER * DEADLINES * service.declared.seconds + 1
    answers: dict[str, Answer] = {}
    ended = None
    try:
        run(hurried(_ask(service, {"": statement}, answers), DEADLINES * service.declared.seconds), within=within)
    except Exception as error:
        ended = failed(error)
    answered(service, ended)
    return single(values(service, "", None, {"signals": {"answers": answers}}))


def cost(_service: Service, reads: Sized) -> int:
    """One login, its timeouts, and every statement."""
    return 2 + len(reads)


def _named(rows: list[list[Any]], columns: int) -> dict[str, Any]:
    if columns > 2 or columns < 1:
        raise Unmeasured(f"it answered {columns} columns: select one value, or a name and a value")
    if len(rows) > MOST_ROWS:
        raise Unmeasured(f"it answered more than {MOST_ROWS} rows: select fewer")
    if columns == 1 and len(rows) > 1:
        raise Unmeasured(f"it answered {len(rows)} rows of one value: select a name beside it, or sum them up")
    found = {str(row[0]) if columns == 2 else "": row[-1] for row in rows}
    if len(found) != len(rows):
        raise Unmeasured("it answered one name twice: group by it")
    return found


async def _ask(service: Service, statements: Mapping[str, str], answers: dict[str, Answer]) -> None:
    milliseconds = int(service.declared.seconds * 500)
    async with session(service, milliseconds) as connection:
        for key, statement in statements.items():
            answers[key] = await _alone(connection, statement)
            if "canceled" in answers[key]:
                half = f"half of services.{service.name}.deadline, which is {service.declared.deadline}"
                answers[key] = {"why": f"it took longer than {half}"}


async def _alone(connection: Connection, statement: str) -> Answer:
    """The rows, or why there are none; an error only where nothing more can be asked."""
    try:
        async with connection.transaction(), connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            await cursor.execute(statement)  # binary: the server takes one statement alone
            rows = await cursor.fetchmany(MOST_ROWS + 1)
            columns = len(cursor.description or ())
    except psycopg.errors.QueryCanceled:
        return {"canceled": True}
    except psycopg.errors.LockNotAvailable:
        return {"why": "it waited for a lock that another session holds"}
    except psycopg.Error as error:
        if connection.closed:
            raise
        return {"why": f"the server answered {said(str(error).splitlines()[0])}"}
    return {"rows": [list(map(_plain, row)) for row in rows], "columns": columns}


def _plain(value: Any) -> Any:
    """A value as JSON has it: times as ISO 8601, intervals in seconds."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if isinstance(value, _PLAIN) else f"a {type(value).__name__}"
