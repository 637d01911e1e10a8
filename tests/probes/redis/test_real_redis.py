"""A real Redis: PONG is not enough, and a probe sends nothing but what is on its list."""

from __future__ import annotations

import threading

import pytest
import redis as client

from drillbook.probes.celery.noun import Queue
from drillbook.probes.measure import cost, measure
from drillbook.probes.redis.noun import Redis
from drillbook.probes.redis.reading import ALLOWED, Commands
from drillbook.probes.runner import run


@pytest.fixture(scope="module")
def server(start_redis):
    """A container; `--save` so that a failed snapshot stops writes."""
    return start_redis("--save", "3600 1")


@pytest.fixture
def direct(server):
    """A client of one's own on an empty server with its usual configuration."""
    _, _, own = server
    own.flushall()
    own.config_resetstat()
    for name, value in {"maxmemory": 0, "maxmemory-policy": "noeviction", "requirepass": ""}.items():
        own.config_set(name, value)
    yield own
    own.config_set("requirepass", "")


@pytest.fixture
def ask(a_service, server):
    """The noun, freshly read."""

    def read(meanwhile=None, *, noun=Redis, password="", deadline="2s"):
        address = f"redis://:{password}@{server[1]}/0" if password else f"redis://{server[1]}/0"
        declared = {"broker": "redis"} if noun is Queue else {}
        kind = "celery" if noun is Queue else "redis"
        service = a_service(kind, address, name=kind, deadline=deadline, **declared)
        return noun(service, measure([service], meanwhile or 0.05)[kind])

    return read


def test_a_redis_that_is_well(ask, direct):
    cache = ask()
    assert cache.answers().value is cache.writable().value is cache.persistence().value is True
    assert 0 < cache.ping().value < 500
    assert not cache.memory_used().applies
    assert cache.clients().value == pytest.approx(100 * 1 / 10_000)
    assert cache.evictions().value == 0.0
    assert cache.hit_rate().reason.startswith("no lookups in")
    assert cache.by == f"redis {cache.service.address.split('/')[2]}"


def test_ping_is_sent_three_times_through_one_connection(direct, ask):
    before = direct.info("commandstats").get("cmdstat_ping", {"calls": 0})["calls"]
    cache = ask()
    assert direct.info("commandstats")["cmdstat_ping"]["calls"] == before + 3
    assert cache.readings.asked == cost(cache.service) - 2 == 5, "only a cluster is asked about itself"
    assert len(cache.readings.first["samples"]) == 3


def test_a_ping_that_is_taken_again_is_sent_once(direct, ask):
    cache = ask()
    before = direct.info("commandstats")["cmdstat_ping"]["calls"]
    fresh = cache.ping().again()
    assert fresh.value > 0
    assert direct.info("commandstats")["cmdstat_ping"]["calls"] == before + 1
    direct.config_set("requirepass", "secret")
    assert "login refused" in cache.ping().again().reason


def test_a_missing_and_a_wrong_password_are_unknown(ask, direct):
    direct.config_set("requirepass", "right-password")
    for cache in (ask(), ask(password="wrong-password")):
        assert cache.answers().value is None
        assert cache.answers().reason == "login refused for redis: check $THE_ADDRESS"
    assert ask(password="right-password").answers().value is True


def fill(direct):
    for number in range(1_000):
        direct.set(f"key {number}", "x" * 5000)


def test_a_redis_without_memory_answers_and_refuses_writes(ask, direct):
    direct.config_set("maxmemory", "3mb")
    with pytest.raises(client.OutOfMemoryError):
        fill(direct)
    cache = ask()
    assert cache.answers().value is True
    assert cache.memory_used().value > 95
    assert cache.writable().value is False
    assert cache.writable().reason.startswith("OOM")


def test_evictions_and_hits_are_counted_over_the_interval(ask, direct):
    direct.config_set("maxmemory", "3mb")
    direct.config_set("maxmemory-policy", "allkeys-lru")
    fill(direct)

    over = threading.Event()

    def use():
        number = 0
        while not over.is_set():
            direct.set(f"new {number}", "x" * 5000)
            direct.get(f"new {number}")
            direct.get("nothing")
            number += 1

    user = threading.Thread(target=use)
    user.start()
    cache = ask(0.7)
    over.set()
    user.join()
    assert cache.evictions().value > 0
    assert cache.evictions().unit == "keys/s"
    assert cache.hit_rate().value == pytest.approx(50, abs=1)
    assert cache.writable().value is True


def test_a_redis_that_cannot_save_refuses_writes(ask, direct, server, until):
    container, _, _ = server
    direct.set("something", 1)
    folder = direct.config_get("dir")["dir"]
    container.exec_run(["sh", "-c", f"rm -f {folder}/dump.rdb; mkdir {folder}/dump.rdb"], user="root")
    direct.bgsave()
    until(lambda: direct.info("persistence")["rdb_last_bgsave_status"] == "err")
    cache = ask()
    assert cache.answers().value is True
    assert (cache.writable().value, cache.writable().reason.split(":")[0]) == (False, "MISCONF")
    assert cache.persistence().value is False
    assert ask(noun=Queue).workers().value == 0
    container.exec_run(["rmdir", f"{folder}/dump.rdb"], user="root")
    direct.bgsave()
    until(lambda: direct.info("persistence")["rdb_last_bgsave_status"] == "ok")
    assert ask().writable().value is True


def test_the_queue_is_counted_over_priorities_and_unacknowledged(ask, direct):
    for key, jobs in {"celery": 3, "celery\x06\x163": 2, "celery\x06\x166": 1, "celery\x06\x169": 4}.items():
        direct.rpush(key, *range(jobs))
    direct.hset("unacked", mapping={"a": 1, "b": 2})
    queue = ask(noun=Queue)
    assert (queue.depth().value, queue.workers().value, queue.stuck().value) == (12.0, 0.0, 10.0)
    assert ask().hit_rate().reason.startswith("no lookups"), "our own lookups are not in the interval"


def test_a_queue_of_another_type_is_unknown(ask, direct):
    direct.set("celery", "text")
    answer = ask(noun=Queue).depth()
    assert answer.value is None
    assert "WRONGTYPE" in answer.reason


def test_a_client_in_brpop_is_a_worker(ask, direct, server, until):
    host, port = server[1].split(":")
    with client.Redis(host, int(port)) as worker:
        thread = threading.Thread(target=worker.brpop, args=(["celery"],), kwargs={"timeout": 2}, daemon=True)
        thread.start()
        until(lambda: any(one["cmd"] == "brpop" for one in direct.client_list()))
        direct.sadd("_kombu.binding.celery", "celery\x06\x16\x06\x16celery")
        assert ask(noun=Queue).workers().value == 1.0
        thread.join(5)


def test_what_is_not_on_the_list_is_not_sent():
    commands = Commands(connection=None)  # type: ignore[arg-type]
    for words in (
        ("SET", "a", "b"),
        ("FLUSHALL",),
        ("CONFIG", "GET", "*"),
        ("CLIENT", "KILL"),
        ("ping",),
        ("CLIENT",),
        (),
    ):
        with pytest.raises((PermissionError, IndexError)):
            run(commands.ask(*words), within=1)
    assert commands.asked == 0
    assert {
        ("PING",), ("INFO",), ("CLUSTER", "INFO"), ("CLIENT", "LIST"), ("MULTI",), ("EXEC",),
        ("LLEN",), ("HLEN",), ("SMEMBERS",), ("EXISTS",), ("MEMORY", "USAGE"),
        ("GET",), ("STRLEN",), ("TTL",), ("PTTL",), ("SCARD",), ("ZCARD",), ("XLEN",), ("HGET",), ("ZCOUNT",),
    } == ALLOWED  # fmt: skip


def test_only_those_commands_arrive(ask, direct):
    direct.sadd("_kombu.binding.celery", "celery\x06\x16\x06\x16celery")
    direct.hset("unacked", "a", 1)
    direct.config_resetstat()
    ask()
    ask(noun=Queue)
    direct.rpush("celery", 1)
    ask(noun=Queue)
    seen = {name.removeprefix("cmdstat_") for name in direct.info("commandstats")}
    ours = {"ping", "llen", "hlen", "client|list", "smembers", "memory|usage", "multi", "exec"}
    assert seen - {"config|resetstat", "info", "rpush"} == ours
    writes = [name for name in ours if "write" in direct.execute_command("COMMAND", "INFO", name)[name]["flags"]]
    assert writes == []


def test_a_paused_redis_is_mute_and_a_stopped_one_refuses(ask, server):
    container, _, _ = server
    container.pause()
    try:
        mute, queue = ask(deadline="0.5s"), ask(noun=Queue, deadline="0.5s")
    finally:
        container.unpause()
    assert (mute.answers().value, mute.answers().reason) == (False, "no answer within 0.5 s")
    assert queue.depth().reason == "redis.up is red: no answer within 0.5 s"
    container.stop(timeout=10)
    assert (ask().answers().value, ask().answers().reason) == (False, "connection refused")


def test_a_cluster_takes_writes_once_its_slots_are_served(a_service, start_redis, until):
    _, address, node = start_redis("--cluster-enabled", "yes")

    def read():
        service = a_service("redis", f"redis://{address}", name="redis")
        return Redis(service, measure([service], 0.05)["redis"])

    without = read()
    with pytest.raises(client.exceptions.ClusterDownError):
        node.set("a", 1)
    assert (without.answers().value, without.writable().value) == (True, False)
    assert without.writable().reason.startswith("CLUSTERDOWN: cluster_state is fail, 0 of the cluster's 16384 slots")
    node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    until(lambda: read().writable().value is True)
    node.set("a", 1)
