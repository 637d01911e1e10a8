"""Redis dies. Deals are still served, from the database; what was queued is counted when it is back.

Jobs cannot be queued meanwhile, and the API says so: `api.errors` may turn red.

Runbooks: Redis Unreachable; Task Queue Stuck.
"""

from drillbook import Drill
from drillbook.faults import killed
from drillbook.fixes import restart

REDIS_KILLED = Drill(
    runbook="Redis Unreachable",
    fault=killed("redis"),
    symptom=("redis.up", "health.redis", "api.ready"),
    may=("api.*", "*.latency", "database.login_time", "cache.hit_rate", "queue.*", "redis.ping"),
    holds=("api.up", "deals.ok", "database.up"),
    fix=restart("redis"),
    detects_within=10,
    recovers_within=45,
)


def test_redis_killed(rehearse):
    rehearse(REDIS_KILLED)
