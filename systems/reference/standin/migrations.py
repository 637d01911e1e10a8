"""Migrations: revisions that follow each other, and a table of where the database is, as Alembic has it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from psycopg import Error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standin.pool import Database

LOG = logging.getLogger("standin.migrations")
PAUSE_SECONDS = 0.5
TABLE = "CREATE TABLE IF NOT EXISTS alembic_version (version_num text PRIMARY KEY)"
CURRENT = "SELECT version_num FROM alembic_version ORDER BY version_num"
MOVE: tuple[LiteralString, LiteralString] = ("DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES (%s)")
ALONE = "SELECT pg_advisory_xact_lock(4711)"  # of several processes that start at once, one migrates


@dataclass(frozen=True)
class Revision:
    """What leads from the revision `after` (None: from nothing) to this one."""

    name: str
    after: str | None
    statements: tuple[LiteralString, ...]


class Migrations:
    """The revisions of one system, and the database that they are for."""

    def __init__(self, database: Database, revisions: Sequence[Revision]) -> None:
        self.database = database
        self.revisions = revisions

    def heads(self) -> list[str]:
        """Return the revisions that none follows: exactly one, unless two were written at the same time."""
        followed = {revision.after for revision in self.revisions}
        return [revision.name for revision in self.revisions if revision.name not in followed]

    def current(self) -> list[str]:
        """Return where the database is; raise psycopg's error where it cannot say."""
        return [row["version_num"] for row in self.database.rows(CURRENT)]

    def upgrade(self) -> None:
        """Bring the database to the head, all in one transaction: all of it or nothing."""
        with self.database.connection() as connection:
            connection.execute(ALONE)
            connection.execute(TABLE)
            for revision in self._missing([row["version_num"] for row in connection.execute(CURRENT)]):
                for statement in revision.statements:
                    connection.execute(statement)
                connection.execute(MOVE[0])
                connection.execute(MOVE[1], [revision.name])

    def upgrade_when_possible(self) -> None:
        """Upgrade in a thread of its own, once the database is there: nothing waits for that."""
        threading.Thread(target=self._until_done, daemon=True, name="migrations").start()

    def _until_done(self) -> None:
        while True:
            try:
                return self.upgrade()
            except Error as error:
                LOG.warning("not migrated yet: %s", str(error).strip())
                time.sleep(PAUSE_SECONDS)

    def _missing(self, current: list[str]) -> Sequence[Revision]:
        """Return those that come after the current one, in their order."""
        names = [revision.name for revision in self.revisions]
        done = max((names.index(name) + 1 for name in current if name in names), default=0)
        return self.revisions[done:]
