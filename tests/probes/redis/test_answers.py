"""Redis is judged by what INFO and PING say: PONG alone does not mean that it takes writes."""

from __future__ import annotations

import pytest
from redis.exceptions import ResponseError

from drillbook.probes.redis.noun import Redis
from drillbook.probes.redis.reading import _of_redis

INFO = {
    "run_id": "a", "loading": "0", "role": "master", "used_memory": "40", "maxmemory": "100",
    "maxmemory_policy": "noeviction", "connected_clients": "11", "maxclients": "100",
    "rdb_last_bgsave_status": "ok", "rdb_last_bgsave_time_sec": "0", "aof_enabled": "0",
    "aof_last_write_status": "ok", "aof_last_bgrewrite_status": "ok",
    "evicted_keys": "5", "keyspace_hits": "100", "keyspace_misses": "50",
}  # fmt: skip


@pytest.fixture
def redis(a_service, some_readings):
    """Makes the noun from changes to what a healthy server says."""

    def make(first=None, second=None, without=None, **facts):
        info = {name: value for name, value in (INFO | (first or {})).items() if name != without}
        base = {"failed": None, "by": "10.0.0.7:6379", "pong": "PONG", "took": 0.002, "info": info}
        after = info | {"evicted_keys": "8", "keyspace_hits": "190", "keyspace_misses": "60"} | (second or {})
        after.pop(without, None)
        service = a_service("redis", "redis://:geheim@cache:6379/0", name="redis")
        return Redis(service, some_readings(base | facts, {"info": after}))

    return make


def test_a_healthy_redis(redis):
    cache = redis()
    assert [one.value for one in (cache.answers(), cache.writable(), cache.persistence())] == [True] * 3
    assert cache.ping().value == pytest.approx(2.0)
    assert cache.memory_used().value == 40.0
    assert cache.clients().value == 10.0
    assert cache.evictions().value == 1.0
    assert cache.hit_rate().value == 90.0
    assert cache.by == "redis 10.0.0.7:6379"


@pytest.mark.parametrize(
    ("failed", "value", "reason"),
    [
        ({"kind": "down", "reason": "connection refused"}, False, "connection refused"),
        ({"kind": "unknown", "reason": "no DNS"}, None, "no DNS"),
        ({"kind": "login", "reason": "x"}, None, "login refused for redis: check $THE_ADDRESS"),
    ],
)
def test_of_a_redis_that_does_not_answer_nothing_else_is_known(redis, failed, value, reason):
    cache = redis(failed=failed, by="")
    assert (cache.answers().value, cache.answers().reason) == (value, reason)
    assert cache.answers().by == "redis cache:6379"
    word = "red" if value is False else "unknown"
    for one in (cache.ping(), cache.writable(), cache.memory_used(), cache.hit_rate(), cache.persistence()):
        assert (one.value, one.reason) == (None, f"redis.up is {word}: {reason}")


def test_something_else_that_answers_ping_is_unknown(redis):
    assert "is this really redis?" in redis(pong="+OK").answers().reason


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ({"loading": "1"}, "loading"),
        ({"role": "slave", "slave_read_only": "1"}, "read-only replica"),
        ({"min_slaves_good_slaves": "0"}, "min-replicas-to-write"),
        ({"used_memory": "100"}, "OOM"),
        ({"used_memory": "100", "maxmemory_policy": "volatile-lru", "db0": "keys=9,expires=0,avg_ttl=0"}, "OOM"),
    ],
)
def test_a_redis_that_refuses_writes_says_why(redis, info, reason):
    answer = redis(info).writable()
    assert answer.value is False
    assert reason in answer.reason


@pytest.mark.parametrize(
    "info",
    [
        {"role": "slave", "slave_read_only": "0"},
        {"used_memory": "100", "maxmemory_policy": "allkeys-lru"},
        {"used_memory": "100", "maxmemory_policy": "volatile-lru", "db0": "keys=9,expires=3,avg_ttl=0"},
        {"used_memory": "150", "mem_not_counted_for_evict": "60"},
        {"maxmemory": "0"},
    ],
)
def test_a_redis_that_can_make_room_takes_writes(redis, info):
    assert redis(info).writable().value is True


def test_a_ping_answered_misconf_means_that_writes_are_refused(redis):
    cache = redis(pong="MISCONF")
    assert cache.answers().value is True
    assert cache.writable().value is False


@pytest.mark.parametrize("name", ["rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status"])
def test_persistence_that_failed_is_a_no(redis, name):
    assert (redis({name: "err"}).persistence().value, redis({name: "err"}).persistence().reason) == (
        False,
        f"{name} is err",
    )


def test_persistence_that_was_never_tried_says_so(redis):
    answer = redis({"rdb_last_bgsave_time_sec": "-1"}).persistence()
    assert answer.value is True
    assert "no snapshot since its start" in answer.reason


def test_without_maxmemory_its_share_is_not_applicable(redis):
    assert not redis({"maxmemory": "0"}).memory_used().applies


def test_no_lookups_is_no_hit_rate(redis):
    answer = redis(second={"keyspace_hits": "100", "keyspace_misses": "50"}).hit_rate()
    assert (answer.value, answer.reason) == (None, "no lookups in 3.0 s")


@pytest.mark.parametrize(
    "second", [{"run_id": "b"}, {"keyspace_hits": "3"}, {"keyspace_hits": "many"}, {"keyspace_hits": "9" * 400}]
)
def test_counters_that_cannot_be_compared_are_no_measurement(redis, second):
    assert redis(second=second).hit_rate().value is None


@pytest.mark.parametrize("name", sorted(INFO.keys() - {"rdb_last_bgsave_time_sec"}))
def test_a_field_that_is_missing_is_never_green(redis, name):
    cache = redis(without=name)
    asked = (
        cache.memory_used(),
        cache.writable(),
        cache.persistence(),
        cache.evictions(),
        cache.clients(),
        cache.hit_rate(),
    )
    assert any(one.value is None and f"INFO has no {name}" in one.reason for one in asked)


CLUSTER = {"cluster_state": "fail", "cluster_slots_ok": "0"}


@pytest.mark.parametrize(
    ("cluster", "value", "reason"),
    [
        (CLUSTER, False, "CLUSTERDOWN: cluster_state is fail, 0 of the cluster's 16384 slots are served"),
        ({"cluster_state": "ok", "cluster_slots_ok": "16384"}, True, ""),
        ({"refused": "NOPERM"}, None, "CLUSTER INFO has no cluster_state: NOPERM"),
        ({}, None, "CLUSTER INFO has no cluster_state: it was not read"),
    ],
)
def test_a_cluster_is_writable_where_its_state_is_ok(redis, some_readings, cluster, value, reason):
    cache = redis({"cluster_enabled": "1"})
    cache.readings.second["cluster"] = cluster
    assert (cache.writable().value, cache.writable().reason) == (value, reason)


@pytest.mark.parametrize("said", ["no upstream host", "upstream failure", "ERR Connection refused"])
def test_a_proxy_with_nobody_behind_it_says_that_redis_is_down(said):
    assert _of_redis(ResponseError(said)) == {"kind": "down", "reason": f"a proxy answers for it: {said}"}


def test_an_error_of_the_servers_own_is_not_a_proxys():
    assert _of_redis(ResponseError("WRONGTYPE Operation"))["kind"] == "unknown"


def test_a_setting_that_no_client_knows_is_named():
    found = _of_redis(TypeError("Connection.__init__() got an unexpected keyword argument 'pasword'"))
    assert found == {"kind": "unknown", "reason": "its address sets pasword, which no Redis client knows"}
    assert "crashed: TypeError" in _of_redis(TypeError("NoneType is not iterable"))["reason"]
