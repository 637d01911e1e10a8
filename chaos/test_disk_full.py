"""The database's disk is full of old logs and backups, and it dies. A bare restart does not bring it back.

Deleting what is older than a week does, and every order that was acknowledged is there.

Runbooks: Disk Full; Database Unreachable.
"""

from drillbook import Drill
from drillbook.faults import disk_filled
from drillbook.fixes import free_aged_files, in_turn, restart

DATA = "/var/lib/postgresql/data"

DISK_FULL = Drill(
    runbook="Disk Full",
    fault=disk_filled("postgres", mount=DATA),
    symptom=("host.disk_free", "database.up", "health.postgres"),
    may=("api.*", "deals.*", "*.latency", "database.*", "pool.*", "cache.hit_rate", "queue.*", "redis.ping"),
    holds=("redis.up", "host.up"),
    as_written=restart("postgres"),
    fix=in_turn(
        free_aged_files(f"{DATA}/log", pattern="*.log.*", older_than="7d"),
        free_aged_files(f"{DATA}/backups", older_than="7d"),
        restart("postgres"),
    ),
    detects_within=45,
    recovers_within=60,
)


def test_disk_full(rehearse):
    rehearse(DISK_FULL)
