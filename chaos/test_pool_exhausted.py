"""Transactions leak until the pool is empty. Ending only those idle for ten minutes frees nothing in time.

The diagnosis goes through a role of its own, which still gets a login when the application's does not.

Runbooks: Database Unreachable; Memory Issues.
"""

from drillbook import Drill
from drillbook.faults import leaked_transactions
from drillbook.fixes import terminate_sessions

POOL_EXHAUSTED = Drill(
    runbook="Database Unreachable",
    fault=leaked_transactions("backend", connections=10),
    symptom=("pool.used", "database.idle_in_transaction", "health.postgres"),
    may=("api.*", "deals.*", "*.latency", "cache.hit_rate", "database.*", "redis.ping"),
    holds=("database.up", "redis.up"),
    as_written=terminate_sessions("idle in transaction", older_than="10m"),
    fix=terminate_sessions("idle in transaction", older_than="2s"),
    detects_within=15,
    recovers_within=45,
)


def test_pool_exhausted(rehearse):
    rehearse(POOL_EXHAUSTED)
