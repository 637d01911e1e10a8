"""A Redis server, as a cache or as a broker."""

from __future__ import annotations

from drillbook.system.kinds import Kind

KIND = Kind(
    __name__,
    noun="redis",
    about="Each Redis server.",
    table="RedisService",
    answers="Redis",
    up="redis.up",
    limits=("redis", "cache"),
    roles={"cache.hit_rate": "cache"},  # a broker's own look-ups say nothing of a cache
    spelt=True,
    checked={
        "redis.up": "answers",
        "redis.ping": "ping",
        "redis.memory": "memory_used",
        "redis.writable": "writable",
        "redis.persistence": "persistence",
        "redis.evictions": "evictions",
        "redis.clients": "clients",
        "cache.hit_rate": "hit_rate",
    },
    reads="CommandRead",
)
