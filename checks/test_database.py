"""PostgreSQL beyond being up: slots left, nobody stuck, nothing that waits, and writes accepted.

Runbooks: Database Unreachable; Memory Issues; API Latency.
"""


def test_logging_in_is_quick(database, judge):
    judge("database.login_time", database.login_time())


def test_the_database_accepts_writes(database, judge):
    judge("database.writable", database.writable())


def test_connections_are_left_for_the_application(database, judge):
    judge("database.connections", database.connections_used())


def test_no_session_sits_in_an_open_transaction(database, judge):
    judge("database.idle_in_transaction", database.idle_in_transaction())
    judge("database.oldest_idle_in_transaction", database.oldest_idle_in_transaction())


def test_no_query_runs_for_ages(database, judge):
    judge("database.longest_query", database.longest_query())


def test_few_sessions_wait_for_a_lock(database, judge):
    judge("database.waiting_locks", database.waiting_locks())


def test_the_database_has_its_usual_size(database, judge):
    judge("database.size", database.size())
