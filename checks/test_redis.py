"""Redis is the cache and the task broker: is it fast, roomy, writable, saved, useful?

Runbooks: Redis Unreachable; Memory Issues.
"""


def test_redis_is_quick(redis, judge):
    judge("redis.ping", redis.ping())


def test_redis_has_room_before_it_evicts_or_refuses(redis, judge):
    judge("redis.memory", redis.memory_used())
    judge("redis.evictions", redis.evictions())


def test_redis_accepts_writes(redis, judge):
    judge("redis.writable", redis.writable())


def test_redis_keeps_what_it_was_told_to_keep(redis, judge):
    judge("redis.persistence", redis.persistence())


def test_redis_has_connections_left(redis, judge):
    judge("redis.clients", redis.clients())


def test_the_cache_earns_its_keep(redis, judge):
    judge("cache.hit_rate", redis.hit_rate())
