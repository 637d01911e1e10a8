"""A real PostgreSQL: who gets in, what is seen, and what a session of ours cannot do."""

from __future__ import annotations

import re
import threading
import time

import psycopg
import pytest

from drillbook.probes.measure import cost, measure
from drillbook.probes.postgres import reading as reader
from drillbook.probes.postgres.address import understood
from drillbook.probes.postgres.noun import Postgres

SETUP = """
CREATE ROLE app LOGIN PASSWORD 'app-password' CONNECTION LIMIT 3; GRANT ALL ON SCHEMA public TO app;
CREATE ROLE watcher LOGIN PASSWORD 'watcher-password'; GRANT pg_monitor TO watcher;
CREATE ROLE odd LOGIN PASSWORD 'it''s; a password';
CREATE ROLE nosy LOGIN PASSWORD 'nosy-password';
CREATE TABLE deals (id int); GRANT SELECT, INSERT, UPDATE ON deals TO app; INSERT INTO deals VALUES (1);
"""


@pytest.fixture(scope="module")
def server(start_postgres):
    """A container with roles: `app` may have three connections, `watcher` sees all sessions, `nosy` its own."""
    return start_postgres(SETUP)


@pytest.fixture
def dsn(server):
    """The address for a role."""
    return lambda role, database="deals", password="": (
        f"postgresql://{role}:{password or role + '-password'}@{server[1]}/{database}"
    )


@pytest.fixture
def ask(a_service, dsn):
    """The noun, freshly read."""

    def read(role="app", *, monitor="", deadline="2s", **other):
        seen_by = dsn(monitor) if monitor else ""
        declared = {"deadline": deadline, "expect": {"database": "deals"}}
        service = a_service("postgres", dsn(role, **other), name="postgres", monitor=seen_by, **declared)
        return Postgres(service, measure([service], 0.1)["postgres"])

    return read


def test_a_login_that_works(ask):
    database = ask()
    assert database.answers().value is database.login().value is database.writable().value is True
    assert 0 < database.login_time().value < 2000
    assert 0 < database.size().value < 1
    assert database.can_write is True
    assert re.fullmatch(r"postgres 127\.0\.0\.1:\d+", database.by)


@pytest.mark.parametrize(
    "written",
    [
        "postgresql+asyncpg://odd:it's;%20a%20password@{at}/deals?ssl=prefer&prepared_statement_cache_size=0",
        "postgresql://odd:it's;%20a%20password@127.0.0.1:1,{at}/deals?schema=public&connection_limit=5",
        "jdbc:postgresql://{at}/deals?user=odd&password=it's%3B%20a%20password&ssl=false&ApplicationName=shop",
        """Host={h};Port={p};Username=odd;Password="it's; a password";Database=deals;SSL Mode=Prefer;Pooling=true""",
    ],
)
def test_an_application_is_let_in_by_its_own_dsn(a_service, server, written):
    host, port = server[1].split(":")
    service = a_service("postgres", understood(written.format(at=server[1], h=host, p=port)).address, samples=1)
    answer = Postgres(service, measure([service], 0.0)["backend"]).answers()
    assert (answer.value, answer.by) == (True, f"backend {server[1]}"), answer.reason


def test_a_login_is_timed_three_times_and_what_it_costs_is_known(ask):
    database = ask(monitor="watcher")
    assert database.readings.asked == cost(database.service) == 3 + 6 + 7
    assert len(database.readings.first["login"]["samples"]) == 3


def test_logins_are_timed_without_taking_the_last_slot_for_full(ask, dsn):
    """The server may not have ended our session yet when we log in again."""
    with psycopg.connect(dsn("app")), psycopg.connect(dsn("app")):
        database = ask()
        assert database.login().value is True
        assert database.login_time().value > 0


def test_a_login_that_is_timed_anew_is_one_login(ask, dsn):
    database = ask()
    first = database.login_time()
    fresh = first.again()
    assert fresh.value > 0
    assert (fresh.by, fresh.value != first.value) == (first.by, True)
    with psycopg.connect(dsn("app")), psycopg.connect(dsn("app")), psycopg.connect(dsn("app")):
        assert "too many connections" in first.again().reason


def test_a_role_that_can_only_look_is_known_as_one(ask):
    assert ask("nosy").can_write is False
    assert ask("watcher").can_write is False
    assert ask("owner").can_write is True


def test_the_owner_of_an_empty_database_may_write(dsn, a_service):
    with psycopg.connect(dsn("owner"), autocommit=True) as owner:
        owner.execute("CREATE DATABASE fresh OWNER app")
    for role, writable, applies in (("app", True, True), ("nosy", None, False)):
        service = a_service("postgres", dsn(role, "fresh"), name="postgres", monitor="")
        found = Postgres(service, measure([service], 0.1)["postgres"])
        assert (found.writable().value, found.writable().applies) == (writable, applies)
        assert found.can_write is False


def test_a_refused_login_is_unknown_and_names_the_variable(ask):
    up = ask(password="wrong-password").answers()
    assert up.value is None
    assert up.reason.startswith("login refused for postgres: check $THE_ADDRESS (password authentication failed")
    assert "wrong-password" not in up.reason
    assert ask("nobody").login().value is None


def test_another_database_is_unknown(ask):
    assert ask("owner", database="postgres").size().reason.endswith("answered by database postgres, not deals")
    assert 'database "gone" does not exist' in ask("owner", database="gone").answers().reason


def test_connections_are_counted_and_full_means_no_login(ask, dsn, until):
    with psycopg.connect(dsn("app")) as one, psycopg.connect(dsn("app")) as two:
        used = ask(monitor="watcher").connections_used()
        assert used.value == pytest.approx(100 * 2 / 3)
        assert used.reason == "2 of the 3 connections of the application's role"
        with psycopg.connect(dsn("app")) as three:
            seen, alone = ask(monitor="watcher"), ask()
            assert one.info.backend_pid != two.info.backend_pid != three.info.backend_pid
    for database in (seen, alone):
        assert database.answers().value is True
        assert database.login().value is False
        assert "too many connections" in database.login().reason
        assert database.connections_used().value == 100.0
    assert seen.idle_in_transaction().value == 0
    assert alone.idle_in_transaction().value is None
    until(lambda: ask(monitor="watcher").connections_used().value == 0)


def test_sessions_idle_in_transaction_are_seen_with_their_age(ask, dsn):
    with psycopg.connect(dsn("app")) as idle:
        idle.execute("SELECT 1")
        time.sleep(0.3)
        database, nosy, own = ask(monitor="watcher"), ask("nosy"), ask()
    assert database.idle_in_transaction().value == 1
    assert 0.25 < database.oldest_idle_in_transaction().value < 5
    hidden = "1 session is hidden from role nosy: GRANT pg_monitor TO nosy, or declare services.postgres.monitor"
    for one in (nosy.idle_in_transaction(), nosy.longest_query(), nosy.waiting_locks()):
        assert (one.value, one.reason) == (None, hidden)
    assert own.idle_in_transaction().value == 1, "its own sessions are not hidden from it"


def test_a_session_that_waits_for_a_lock_is_seen_and_so_is_its_query(ask, dsn, until):
    with psycopg.connect(dsn("app")) as first, psycopg.connect(dsn("app")) as second:
        first.execute("UPDATE deals SET id = 2")
        waiter = threading.Thread(target=second.execute, args=("UPDATE deals SET id = 3",))
        waiter.start()
        until(lambda: ask(monitor="watcher").waiting_locks().value == 1)
        time.sleep(0.2)
        assert ask(monitor="watcher").longest_query().value > 0.2
        first.rollback()
        waiter.join(5)
        second.rollback()


@pytest.mark.parametrize(
    "statement", ["INSERT INTO deals VALUES (9)", "CREATE TABLE x (id int)", "UPDATE deals SET id = 9"]
)
def test_a_session_of_ours_cannot_write(ask, monkeypatch, statement):
    monkeypatch.setitem(reader.STATEMENTS, "identity", statement)
    database = ask("owner")
    assert "read-only transaction" in database.answers().reason
    monkeypatch.undo()
    assert ask("owner").answers().value is True


def test_a_slow_question_ends_at_its_timeout(ask, monkeypatch):
    monkeypatch.setitem(reader.STATEMENTS, "size", "SELECT pg_sleep(300)")
    database = ask(deadline="1s")
    assert database.size().value is None
    assert database.login().value is True


def test_a_read_only_default_is_not_writable(ask, dsn):
    with psycopg.connect(dsn("owner"), autocommit=True) as owner:
        owner.execute("ALTER ROLE app SET default_transaction_read_only = on")
        refused = ask().writable()
        owner.execute("ALTER ROLE app RESET default_transaction_read_only")
    assert (refused.value, refused.reason) == (False, "default_transaction_read_only is on for app")


def test_a_paused_server_is_mute_and_a_stopped_one_refuses(ask, server):
    container, _ = server
    container.pause()
    try:
        mute = ask(monitor="watcher", deadline="1s")
    finally:
        container.unpause()
    assert (mute.answers().value, mute.answers().reason) == (False, "no answer within 1 s")
    container.stop(timeout=10)
    assert (ask().answers().value, ask().answers().reason) == (False, "connection refused")
    assert ask().size().reason == "database.up is red: connection refused"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("could not write init file", "down"),
        ('could not extend file "base/5/1": No space left on device', "down"),
        ("the database system is starting up", "down"),
        ("sorry, too many clients already", "full"),
        ('password authentication failed for user "deals"', "login"),
        ('database "dealz" does not exist', "unknown"),
    ],
)
def test_what_a_server_says_while_it_refuses_a_session_is_told_apart(words, kind):
    error = psycopg.OperationalError(f'connection to server at "127.0.0.1", port 1 failed: FATAL:  {words}')
    assert reader._of_postgres(error)["kind"] == kind
