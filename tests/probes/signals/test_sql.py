"""Signals from a real PostgreSQL: one session for all, each statement on its own, and nothing is written."""

from __future__ import annotations

import psycopg
import pytest

from drillbook.probes.measure import cost
from drillbook.probes.postgres.noun import Postgres

AGE = 'unit = "s"\nhigh = "> 86400"\n'


def sql(statement: str) -> str:
    return f'{{ service = "db", sql = """{statement}""" }}'


def signal(name: str, statement: str, more: str = 'high = "> 1000"') -> str:
    return f'[signals."{name}"]\nread = {sql(statement)}\n{more}\n'


def test_each_kind_of_answer(of_database):
    hours = pytest.approx(7200, abs=60)
    found = of_database.observed(
        signal("a.number", "SELECT count(*) FROM jobs")
        + signal("a.age", "SELECT extract(epoch FROM now() - max(updated_at)) FROM documents")
        + signal("an.interval", "SELECT now() - max(updated_at) FROM documents")
        + signal("a.time", "SELECT max(updated_at) FROM documents;", AGE + 'as = "age"')
        + signal("each.queue", "WITH q AS (SELECT * FROM jobs) SELECT queue, waiting FROM q ORDER BY 1")
        + signal("yes.no", "SELECT EXISTS (SELECT FROM jobs)", 'high = "no"')
        + signal("a.setting", "SHOW max_connections", 'high = "> 1000"\nnumbers_in_text = true')
        + signal("a.share", "SELECT 3", 'unit = "%"\nhigh = "> 90"\nas = "ratio"\nof = { sql = "SELECT 4" }')
        + signal("an.increase", "SELECT count(*) FROM jobs", 'high = "> 90"\nas = "increase"\n')
    )
    assert found.pop("an.increase") == 0
    assert found == {
        "a.number": 2,
        "a.age": hours,
        "an.interval": hours,
        "a.time": hours,
        "each.queue(emails)": 3,
        "each.queue(videos)": 40,
        "yes.no": True,
        "a.setting": 100,
        "a.share": 75,
    }


def test_what_a_number_grew_by_over_the_interval(of_database, database):
    def sell():
        with psycopg.connect(f"postgresql://owner:owner-password@{database[1]}/deals") as owner:
            owner.execute("SELECT setval('sold', 31)")

    increase, rate = of_database.grown(sql("SELECT last_value FROM sold"), sell)
    assert increase == 30
    assert 0 < rate <= 30 / 0.2


def test_one_that_fails_spoils_no_other(of_database):
    found = of_database.observed(
        signal("a.missing", "SELECT count(*) FROM missing")
        + signal("a.slow", "SELECT 1 FROM pg_sleep(60)")
        + signal("an.empty", "SELECT max(updated_at) FROM nothing", AGE + 'as = "age"')
        + signal("no.rows", "SELECT queue, waiting FROM jobs WHERE waiting > 100")
        + signal("a.writer", "SELECT writing()")
        + signal("a.counter", "SELECT count(*) FROM jobs FOR SHARE")
        + signal("three.columns", "SELECT 1, 2, 3")
        + signal("many.rows", "SELECT waiting FROM jobs")
        + signal("one.twice", "SELECT 'x', waiting FROM jobs")
        + signal("not.a.number", "SELECT 'NaN'::float8")
        + signal("a.text", "SELECT queue FROM jobs LIMIT 1")
        + signal("a.good.one", "SELECT 1")
    )
    reasons = {
        "a.missing": 'the server answered relation "missing" does not exist',
        "a.slow": "it took longer than half of services.db.deadline, which is 2s",
        "an.empty": "there is nothing there",
        "no.rows": "there is nothing there",
        "a.writer": "the server answered cannot execute INSERT in a read-only transaction",
        "a.counter": "the server answered",
        "three.columns": "it answered 3 columns: select one value, or a name and a value",
        "many.rows": "it answered 2 rows of one value: select a name beside it, or sum them up",
        "one.twice": "it answered one name twice: group by it",
        "not.a.number": "it is nan, which is no number",
        "a.text": "it is 'emails', which is no number",
    }
    assert found.pop("a.good.one") == 1
    assert found.keys() == reasons.keys()
    for name, why in reasons.items():
        assert found[name].startswith(why), name


def test_one_that_waits_for_a_lock_says_so(of_database, database):
    with psycopg.connect(f"postgresql://owner:owner-password@{database[1]}/deals") as owner:
        owner.execute("LOCK TABLE jobs")
        found = of_database.observed(signal("a.number", "SELECT count(*) FROM jobs") + signal("a.good.one", "SELECT 1"))
    assert found == {"a.number": "it waited for a lock that another session holds", "a.good.one": 1}


def test_nothing_is_written(of_database, database):
    of_database.observed(signal("a.writer", "SELECT writing()"))
    with psycopg.connect(f"postgresql://owner:owner-password@{database[1]}/deals") as owner:
        assert owner.execute("SELECT count(*) FROM jobs").fetchone() == (2,)


def test_all_together_cost_one_login(of_database, database, until):
    with psycopg.connect(f"postgresql://owner:owner-password@{database[1]}/postgres", autocommit=True) as owner:

        def sessions() -> int:
            return owner.execute("SELECT sessions FROM pg_stat_database WHERE datname = 'deals'").fetchone()[0]

        def settled() -> bool:
            return not owner.execute("SELECT FROM pg_stat_activity WHERE datname = 'deals'").fetchall()

        until(settled)
        for count in (60, 1):
            before = sessions()
            target, readings = of_database.readings("".join(signal(f"a.n{at}", f"SELECT {at}") for at in range(count)))
            assert readings["db"].asked == cost(target.services["db"]) == 3 + 6 + 2 + count
            until(settled)
            assert sessions() - before == 3 + 1


def test_what_the_total_deadline_cuts_off_says_so(of_database):
    slow = "".join(signal(f"a.n{one}", "SELECT 1 FROM pg_sleep(0.9)") for one in range(8))
    found = of_database.observed(slow)
    assert found["a.n0"] == 1
    assert "no answer within 4 s: it was not answered before that" in found["a.n7"]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM jobs", "is no statement that only looks: it begins with SELECT, WITH or SHOW"),
        ("jobs", "is no statement that only looks"),
        ("", "is no statement that only looks"),
        ("-- SELECT 1", "is no statement that only looks"),
        ("SELECT 1; DROP TABLE jobs", "holds several statements: write one"),
        ("SELECT ';'; SELECT 1", "holds several statements"),
        ("WITH x AS (DELETE FROM jobs RETURNING 1) SELECT * FROM x", "writes (DELETE FROM)"),
        ("SELECT * FROM jobs FOR UPDATE", "writes (FOR UPDATE)"),
        ("SELECT pg_terminate_backend(1)", "calls pg_terminate_backend, which does more than look"),
        ("SELECT nextval('numbers')", "calls nextval"),
    ],
)
def test_what_does_more_than_look_is_refused_when_the_file_is_read(reader, statement, why):
    (line,) = reader.mistakes(signal("a.b", statement))
    assert line.startswith("signals.a.b.read.sql: ")
    assert why in line


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ';' AS \"a;b\" -- ;\n",
        "(SELECT 1)",
        "SELECT $x$ ; DELETE FROM jobs $x$",
        "/* ; */ select count(updated) from jobs;",
    ],
)
def test_what_only_looks_is_taken(reader, statement):
    assert reader.target(f"[signals.\"a.b\"]\nread = {{ service = \"db\", sql = '''{statement}''' }}\nhigh = \"> 1\"\n")


def test_the_noun_asks_the_same(of_database):
    target, readings = of_database.readings(signal("a.b", "SELECT 1"))
    noun = Postgres(target.services["db"], readings["db"])
    assert noun.ask("SELECT count(*) FROM jobs WHERE waiting > 10").value == 1
    assert noun.ask("SELECT count(*) FROM jobs", unit="jobs").unit == "jobs"
    assert "calls nextval" in noun.ask("SELECT nextval('numbers')").reason
    assert "the server answered relation" in noun.ask("SELECT count(*) FROM missing").reason
    assert noun.ask("SELECT max(updated_at) FROM nothing").reason == "there is nothing there"
    assert noun.ask("SELECT queue, waiting FROM jobs").reason == "it answered 2 values: ask for one"
    said = []
    noun.spend = lambda questions: said.append(questions) or "not now"
    assert noun.ask("SELECT count(*) FROM jobs").reason == "not now"
    assert "calls nextval" in noun.ask("SELECT nextval('numbers')").reason
    assert said == [3]  # the login, its timeouts, the statement


def test_of_what_is_down_the_cause_is_told(reader):
    assert "database.up is red: connection refused" in reader.observed(signal("a.b", "SELECT 1"))["a.b"]
