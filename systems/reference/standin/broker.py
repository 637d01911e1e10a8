"""What waits in Celery's queue, read from Redis without disturbing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis import Redis

PRIORITY_STEPS = (0, 3, 6, 9)
QUEUES = ("celery", *(f"celery\x06\x16{step}" for step in PRIORITY_STEPS[1:]))  # kombu's names: one list per step
UNACKED = "unacked"  # delivered to a worker and not finished yet


def queue_depth(redis: Redis) -> int:
    """Return how many jobs wait or run; raise RedisError when Redis does not answer."""
    waiting = [name for name in (*QUEUES, UNACKED) if exists(redis, name)]
    lengths = redis.pipeline(transaction=False)
    for name in waiting:
        lengths.hlen(name) if name == UNACKED else lengths.llen(name)
    return sum(lengths.execute()) if waiting else 0


def exists(redis: Redis, name: str) -> bool:
    """Ask by MEMORY USAGE: an LLEN of an empty queue counts as a cache miss in Redis's statistics."""
    return redis.memory_usage(name, samples=1) is not None
