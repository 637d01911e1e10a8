"""The table of a service of kind `postgres`."""

from __future__ import annotations

from typing import Annotated

from drillbook.probes.postgres.sql import only_looks
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Timed
from drillbook.system.strict import Form, Strict

_STATEMENT = "a statement that looks begins with SELECT, WITH or SHOW"
Sql = Annotated[str, Form(only_looks, "a statement that looks", _STATEMENT)]


class ExpectedDatabase(Strict):
    """What the right server says of itself."""

    database: str
    """The name of the database."""


class PostgresService(Timed):
    """A PostgreSQL server, asked as the application and, with `monitor`, as a role that may see all sessions."""

    dsn: Reference
    """The address by which the application logs in: `postgresql://USER:PASSWORD@HOST:5432/DATABASE`, or as SQLAlchemy,
    asyncpg, Prisma, Django, JDBC or Npgsql write it."""
    monitor: Reference | None = None
    """The address of a role with `pg_monitor`. Where sessions are hidden from the role that asks, what they do is
    UNKNOWN."""
    expect: ExpectedDatabase | None = None
    """What the right server says of itself: another one is UNKNOWN."""


class SqlRead(Read):
    """What one statement answers: one value, or rows of a name and a value."""

    sql: Sql
    """The statement, one that only looks. It is asked in a transaction that is read-only."""
