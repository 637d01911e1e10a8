"""A PostgreSQL server, asked as the application and as a role that may see all sessions."""

from __future__ import annotations

from drillbook.system.kinds import Kind

KIND = Kind(
    __name__,
    noun="database",
    about="Each PostgreSQL server.",
    table="PostgresService",
    answers="Postgres",
    address="dsn",
    up="database.up",
    limits=("database",),
    spelt=True,
    warm=("login",),
    checked={
        "database.up": "answers",
        "database.login": "login",
        "database.login_time": "login_time",
        "database.writable": "writable",
        "database.connections": "connections_used",
        "database.idle_in_transaction": "idle_in_transaction",
        "database.oldest_idle_in_transaction": "oldest_idle_in_transaction",
        "database.longest_query": "longest_query",
        "database.waiting_locks": "waiting_locks",
        "database.size": "size",
    },
    reads="SqlRead",
)
