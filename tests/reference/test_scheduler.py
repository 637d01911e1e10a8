"""The scheduler on a real PostgreSQL: jobs run when they are due, alone, rest while paused, and can be changed."""

import json

import pytest

pytestmark = pytest.mark.proof

SCRIPT = """
import json, sys, threading, time
from starlette.exceptions import HTTPException
from standin.handlers import Call
from standin.pool import Database
from standin.scheduler import TABLES, Jobs, Scheduler
from standin.settings import Settings

database = Database(Settings(), name="test")
database.open()
with database.connection() as connection:
    for statement in (*TABLES, "INSERT INTO jobs VALUES (1, 'quick', 'twitch', 0.01), (2, 'slow', 'twitter', 0.01)"):
        connection.execute(statement)

held = threading.Event()
def work(job):
    if job["name"] == "slow":
        held.wait(30)
    return "success"

def count(job, least=0):
    "Executions of a job, once there are so many."
    for _ in range(300):
        found = database.rows("SELECT count(*) AS n FROM job_executions WHERE job_id = %(id)s", {"id": job})[0]["n"]
        if found >= least:
            return found
        time.sleep(0.1)
    raise SystemExit(f"{found} executions of {job}, not {least}")

def answer(handler, **call):
    try:
        return json.loads(handler(Call(**call)).body)
    except HTTPException as error:
        return error.status_code

jobs, scheduler = Jobs(database), Scheduler(database, work)
QUICK, SLOW = {"path": {"id": 1}}, {"path": {"id": 2}}
exec(sys.argv[1])
database.close()
"""


@pytest.fixture
def told(in_audit_app, sql):
    """Return what a script prints that begins with two jobs, of which one is held up."""
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return lambda *lines: json.loads(in_audit_app("python", "-c", SCRIPT, "\n".join(lines)))


def test_a_job_runs_again_and_again_and_a_slow_one_holds_up_no_other(told):
    assert told("scheduler.start()", "count(1, 3)", "print(json.dumps([scheduler.running, count(2)]))") == [True, 0]


def test_a_job_that_still_runs_is_not_begun_again(told):
    lines = [
        "scheduler.start()",
        "count(1, 4)",
        "held.set()",
        "count(2, 1)",
        "print(json.dumps(count(1) >= count(2) + 3))",
    ]
    assert told(*lines) is True


def test_a_scheduler_that_is_told_to_rest_runs_nothing_and_says_so(told):
    lines = ["due = lambda: scheduler.turns[1].due", "other = Scheduler(database, work)", "scheduler.start()"]
    lines += ["count(1, 1)", "scheduler.on.clear()", "other.start()", "before = (count(1, 4), due())"]
    lines += ["count(1, 7)", "print(json.dumps([scheduler.running, before[1] == due()]))"]
    assert told(*lines) == [False, True]


def test_two_schedulers_run_every_job_twice(told):
    lines = ["held.set()", "scheduler.start()", "other = Scheduler(database, work)", "other.start()", "count(1, 4)"]
    lines += ["print(json.dumps([len(scheduler.turns), len(other.turns)]))"]
    assert told(*lines) == [2, 2]


def test_a_paused_job_is_not_begun_until_it_is_resumed(told):
    lines = ["held.set()", "states = [answer(jobs.pause, **QUICK)['status']]", "scheduler.start()", "count(2, 3)"]
    lines += [
        "states += [count(1), answer(jobs.resume, **QUICK)['status'], count(1, 1) > 0]",
        "print(json.dumps(states))",
    ]
    assert told(*lines) == ["paused", 0, "active", True]


def test_an_interval_is_changed_and_read_back(told):
    lines = ["answer(jobs.change, body={'interval_minutes': 120}, **SLOW)", "print(json.dumps(answer(jobs.all)))"]
    assert [(one["name"], one["interval_minutes"]) for one in told(*lines)] == [("quick", 0.01), ("slow", 120)]


@pytest.mark.parametrize("minutes", ["0", "-1", "'120'", "True", "None"])
def test_an_interval_that_is_none_is_refused(told, minutes):
    assert told(f"print(json.dumps(answer(jobs.change, body={{'interval_minutes': {minutes}}}, **SLOW)))") == 422


def test_jobs_of_one_platform_are_listed_and_one_that_there_is_not_is_not_found(told):
    lines = ["names = [one['name'] for one in answer(jobs.all, query={'platform': 'twitter'})]"]
    assert told(*lines, "print(json.dumps([names, answer(jobs.get, path={'id': 9})]))") == [["slow"], 404]


def test_executions_are_listed_with_their_status_the_newest_first(told):
    lines = ["scheduler.start()", "count(1, 2)", "print(json.dumps(answer(jobs.executions, **QUICK)))"]
    found = told(*lines)
    assert {one["status"] for one in found} == {"success"}
    assert [one["id"] for one in found] == sorted((one["id"] for one in found), reverse=True)
