"""PostgreSQL is judged by what two logins saw: the application's, and that of a role that sees all sessions."""

from __future__ import annotations

import pytest

from drillbook.probes.postgres.noun import Postgres

FULL = {"kind": "full", "reason": "sorry, too many clients already"}
DOWN = {"kind": "down", "reason": "connection refused"}
LOGIN = {"kind": "login", "reason": "password authentication failed"}


def seen(failed=None, **changes):
    if failed:
        return {"failed": failed, "by": "", "took": 0.0, "asked": 1}
    activity = {"clients": 20, "of_role": 4, "of_database": 6, "hidden": 0, "idle": 2, "oldest_idle": 61.5}
    return {
        "failed": None, "by": "10.0.0.7:5432", "took": 0.02, "asked": 6,
        "identity": {"database": "deals", "role": "deals", "recovering": False, "read_only": False},
        "can_write": {"can_write": True},
        "activity": activity | {"longest_query": 3.5, "waiting": 1},
        "room": {"server": 97, "role": -1, "database": -1},
        "size": {"bytes": 7_500_000_000},
    } | changes  # fmt: skip


@pytest.fixture
def postgres(a_service, some_readings):
    """Makes the noun from its two sessions."""

    def make(login=None, monitor=None):
        dsn = "postgresql://deals:geheim@db:5432/deals"
        service = a_service("postgres", dsn, name="postgres", expect={"database": "deals"})
        return Postgres(service, some_readings({"login": login or seen(), "monitor": monitor}))

    return make


def everything(database):
    return [
        database.answers(), database.login(), database.login_time(), database.writable(), database.connections_used(),
        database.idle_in_transaction(), database.oldest_idle_in_transaction(), database.longest_query(),
        database.waiting_locks(), database.size(),
    ]  # fmt: skip


def test_a_healthy_database(postgres):
    values = [one.value for one in everything(postgres())]
    assert values == [True, True, 20.0, True, pytest.approx(100 * 20 / 97), 2, 61.5, 3.5, 1, 7.5]
    assert [one.unit for one in everything(postgres())][4:] == ["%", "sessions", "s", "s", "sessions", "GB"]
    assert {one.by for one in everything(postgres())} == {"postgres 10.0.0.7:5432"}


@pytest.mark.parametrize(
    ("failed", "value", "reason"),
    [
        (DOWN, False, "connection refused"),
        ({"kind": "unknown", "reason": "no DNS"}, None, "no DNS"),
        (LOGIN, None, "login refused for postgres: check $THE_ADDRESS (password authentication failed)"),
    ],
)
def test_of_a_database_that_does_not_answer_nothing_else_is_known(postgres, failed, value, reason):
    first, *others = everything(postgres(seen(failed)))
    assert (first.value, first.reason, first.by) == (value, reason, "postgres db:5432")
    word = "red" if value is False else "unknown"
    assert {(one.value, one.reason) for one in others} == {(None, f"database.up is {word}: {reason}")}


def test_a_database_without_a_slot_is_up_and_lets_nobody_in(postgres):
    up, login, took, writable, connections, *rest = everything(postgres(seen(FULL)))
    assert up.value is True
    assert (login.value, login.reason) == (False, FULL["reason"])
    assert (took.value, writable.value) == (None, None)
    assert (connections.value, connections.reason) == (100.0, FULL["reason"])
    assert {one.value for one in rest} == {None}


def test_what_the_application_cannot_see_any_more_the_monitor_sees(postgres):
    database = postgres(seen(FULL), monitor=seen(room={"server": 97, "role": 4, "database": -1}))
    assert (database.login().value, database.idle_in_transaction().value) == (False, 2)
    assert database.connections_used().value == 100.0
    assert database.connections_used().reason == "4 of the 4 connections of the application's role"


def test_what_a_monitor_without_a_slot_cannot_see_the_application_sees(postgres):
    assert postgres(seen(), monitor=seen(FULL)).idle_in_transaction().value == 2


def test_a_login_refused_beside_a_monitor_that_got_in_is_unknown_not_down(postgres):
    database = postgres(seen(LOGIN), monitor=seen())
    assert database.answers().value is True
    assert database.login().value is None
    assert "check $THE_ADDRESS" in database.login().reason


def test_every_answer_of_another_database_is_unknown(postgres):
    wrong = seen(identity={"database": "shop", "role": "deals", "recovering": False, "read_only": False})
    for one in everything(postgres(wrong)):
        assert one.value is None
        assert "answered by database shop, not deals" in one.reason


@pytest.mark.parametrize(("recovering", "read_only"), [(True, False), (False, True)])
def test_a_standby_or_a_read_only_default_is_not_writable(postgres, recovering, read_only):
    identity = {"database": "deals", "role": "deals", "recovering": recovering, "read_only": read_only}
    assert postgres(seen(identity=identity)).writable().value is False


@pytest.mark.parametrize(
    ("room", "share"),
    [
        ({"server": 97, "role": 5, "database": -1}, 80.0),
        ({"server": 97, "role": -1, "database": 8}, 75.0),
        ({"server": 20, "role": 100, "database": 100}, 100.0),
        ({"server": 97, "role": 0, "database": -1}, 100.0),
    ],
)
def test_connections_are_of_the_tightest_limit(postgres, room, share):
    assert postgres(seen(room=room)).connections_used().value == share


def of_sessions(database):
    return (
        database.idle_in_transaction(),
        database.oldest_idle_in_transaction(),
        database.longest_query(),
        database.waiting_locks(),
    )


def test_sessions_that_are_hidden_from_a_role_are_unknown_and_not_none(postgres):
    hidden = postgres(seen(activity=seen()["activity"] | {"hidden": 3}))
    for one in of_sessions(hidden):
        assert one.value is None
        assert one.reason == (
            "3 sessions are hidden from role deals: GRANT pg_monitor TO deals, or declare services.postgres.monitor"
        )
    assert hidden.connections_used().value == pytest.approx(100 * 20 / 97)


def test_a_monitor_that_may_not_see_them_is_told_what_to_grant(postgres):
    watcher = {"database": "deals", "role": "watcher", "recovering": False, "read_only": False}
    blind = seen(activity=seen()["activity"] | {"hidden": 1}, identity=watcher)
    answer = postgres(seen(), monitor=blind).waiting_locks()
    assert answer.reason == "1 session is hidden from role watcher: GRANT pg_monitor TO watcher"


def test_what_a_session_did_not_come_to_is_unknown(postgres):
    broken = seen() | {"failed": {"kind": "down", "reason": "no answer within 3 s"}}
    del broken["size"]
    assert postgres(broken).idle_in_transaction().value == 2
    assert postgres(broken).size().reason == "it could not be asked: no answer within 3 s"


@pytest.mark.parametrize(
    ("login", "monitor", "can"),
    [
        (seen(), None, True),
        (seen(can_write={"can_write": False}), None, False),
        (seen(can_write={"can_write": False}), seen(), True),
        (seen(DOWN), None, None),
        (seen(can_write={"can_write": False}), seen(DOWN), None),
    ],
)
def test_whether_a_role_could_write_is_told_or_unknown(postgres, login, monitor, can):
    assert postgres(login, monitor).can_write is can


def test_whether_writes_are_taken_cannot_be_told_by_a_role_that_may_only_read(postgres):
    answer = postgres(seen(can_write={"can_write": False})).writable()
    assert (answer.value, answer.applies) == (None, False)


def test_an_empty_database_takes_writes_of_whoever_may_create_the_first_table(postgres):
    begins = {"can_write": False, "can_begin": True}
    assert postgres(seen(can_write=begins)).writable().value is True
    assert postgres(seen(can_write=begins)).can_write is False
    identity = seen()["identity"] | {"read_only": True}
    assert postgres(seen(can_write=begins, identity=identity)).writable().value is False
