"""Migrations on a real PostgreSQL: to the head from wherever it is, all of it or nothing, and two heads are two."""

import json

import pytest

pytestmark = pytest.mark.proof

SCRIPT = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from psycopg import Error
from standin.migrations import Migrations, Revision
from standin.pool import Database
from standin.settings import Settings

database = Database(Settings(), name="test")
database.open()
FIRST = Revision("1", None, ("CREATE TABLE one (id integer)", "INSERT INTO one VALUES (1)"))
SECOND = Revision("2", "1", ("CREATE TABLE two (id integer)",))
BROKEN = Revision("2", "1", ("CREATE TABLE two (id integer)", "no statement"))
BESIDE = Revision("2b", "1", ())

def upgrade(*revisions):
    try:
        Migrations(database, revisions).upgrade()
    except Error as error:
        return type(error).__name__
    return Migrations(database, revisions).current()

def five_times_at_once(*revisions):
    with ThreadPoolExecutor(5) as threads:
        return list(threads.map(lambda _: upgrade(*revisions), range(5)))

print(json.dumps(eval(sys.argv[1])))
database.close()
"""


@pytest.fixture
def asked(in_audit_app, sql):
    """Return what an expression of the script comes to, on a database without tables."""
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return lambda expression: json.loads(in_audit_app("python", "-c", SCRIPT, expression))


def test_an_empty_database_is_brought_to_the_head(asked, sql):
    assert asked("upgrade(FIRST, SECOND)") == ["2"]
    assert sql("SELECT count(*) FROM one, pg_class WHERE relname = 'two'") == "1"


def test_what_is_at_the_head_stays_as_it_is(asked, sql):
    assert asked("[upgrade(FIRST, SECOND), upgrade(FIRST, SECOND)]") == [["2"], ["2"]]
    assert sql("SELECT count(*) FROM one") == "1"


def test_only_what_is_missing_is_done(asked, sql):
    assert asked("[upgrade(FIRST), upgrade(FIRST, SECOND)]") == [["1"], ["2"]]
    assert sql("SELECT count(*) FROM one") == "1"


def test_a_revision_that_breaks_leaves_the_database_where_it_was(asked, sql):
    assert asked("[upgrade(FIRST), upgrade(FIRST, BROKEN)]") == [["1"], "SyntaxError"]
    assert sql("SELECT version_num FROM alembic_version") == "1"
    assert sql("SELECT count(*) FROM pg_class WHERE relname = 'two'") == "0"


def test_of_several_that_start_at_once_one_migrates(asked, sql):
    assert asked("five_times_at_once(FIRST, SECOND)") == [["2"]] * 5
    assert sql("SELECT count(*) FROM one") == "1"


def test_the_head_is_what_nothing_follows_and_two_are_both_named(asked):
    assert asked("Migrations(database, [FIRST, SECOND]).heads()") == ["2"]
    assert asked("Migrations(database, [FIRST, SECOND, BESIDE]).heads()") == ["2", "2b"]
