"""The ETL of audit-app on a real PostgreSQL: every run has an outcome, and one that brings nothing has failed."""

import json

import pytest

pytestmark = pytest.mark.proof

SCRIPT = """
import json, sys
from psycopg import OperationalError
from standin.etl import Runs, repeat
from standin.pool import Database
from standin.settings import Settings

database = Database(Settings(), name="test")
database.open()
runs = Runs(database, "test")

def fails():
    raise ValueError("another structure")

def repeated(*outcomes):
    found = iter(outcomes)
    def run():
        outcome = next(found)
        if isinstance(outcome, Exception):
            raise outcome
    try:
        repeat(run, 0)
    except RuntimeError as error:
        return str(error)

print(json.dumps(eval(sys.argv[1])))
database.close()
"""
PIPELINE = ("python", "-m", "etl.kenya_pipeline")
UPGRADE = """
from app.revisions import REVISIONS
from standin.migrations import Migrations
from standin.pool import Database
from standin.settings import Settings
database = Database(Settings(), name="test")
database.open()
Migrations(database, REVISIONS).upgrade()
database.close()
"""


@pytest.fixture(scope="module")
def source(beside, within, engine_command):
    """The site that the pipeline reads from."""
    container = beside("REFERENCE", "python", "-m", "app.source", more=["--workdir", "/srv/audit-app"])
    asked = ("exec", container, "sh", "-c", "python -m standin.ready /robots.txt && echo ready || true")
    within(30, lambda: engine_command(*asked) == "ready")
    return container


@pytest.fixture(autouse=True)
def tables(in_audit_app, sql):
    """The tables of audit-app, empty."""
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    in_audit_app("python", "-c", UPGRADE)


@pytest.fixture
def asked(in_audit_app):
    """Return what an expression of the script comes to."""
    return lambda expression: json.loads(in_audit_app("python", "-c", SCRIPT, expression))


def test_a_run_that_brings_rows_has_succeeded(asked):
    went_well, last = asked("[runs.run(lambda: 3), runs.last()]")
    assert went_well
    assert (last["status"], last["rows"], last["error"]) == ("succeeded", 3, None)
    assert last["started_at"] <= last["finished_at"]


def test_a_run_that_raises_has_failed_and_says_how(asked):
    went_well, last = asked("[runs.run(fails), runs.last()]")
    assert not went_well
    assert (last["status"], last["error"]) == ("failed", "ValueError: another structure")


def test_a_run_that_brings_nothing_has_failed(asked):
    went_well, last = asked("[runs.run(lambda: 0), runs.last()]")
    assert not went_well
    assert (last["status"], last["error"]) == ("failed", "no rows")


def test_the_last_run_counts_and_before_the_first_there_is_none(asked):
    assert asked("runs.last()") is None
    assert asked("[runs.run(fails), runs.run(lambda: 1), runs.last()['status']]") == [False, True, "succeeded"]


def test_the_schedule_goes_on_while_the_database_is_away_and_stops_for_nothing_else(asked):
    assert asked("repeated(True, OperationalError('away'), False, RuntimeError('the end'))") == "the end"


def test_run_twice_the_pipeline_brings_all_documents_once(source, in_audit_app, sql):
    for _ in range(2):
        in_audit_app(*PIPELINE)
    assert sql("SELECT count(*) FROM documents") == "120"
    assert sql("SELECT status, rows FROM etl_runs") == "succeeded|120\nsucceeded|120"


def test_a_second_run_makes_documents_fresh(source, in_audit_app, sql):
    in_audit_app(*PIPELINE)
    sql("UPDATE documents SET updated_at = '2020-01-01'")
    in_audit_app(*PIPELINE)
    assert sql("SELECT count(*) FROM documents WHERE updated_at > now() - interval '1 hour'") == "120"


def test_while_the_source_does_not_answer_the_run_fails_and_what_is_there_stays(
    source, in_audit_app, engine_command, sql
):
    in_audit_app(*PIPELINE)
    engine_command("pause", source)
    try:
        ended = in_audit_app("sh", "-c", f"{' '.join(PIPELINE)} 2>/dev/null; echo $?")
    finally:
        engine_command("unpause", source)
    assert ended == "1"
    assert sql("SELECT status FROM etl_runs ORDER BY id") == "succeeded\nfailed"
    assert sql("SELECT count(*) FROM documents") == "120"
