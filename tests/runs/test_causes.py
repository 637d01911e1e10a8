"""What cannot be told because of something that is down weighs as much as that does, and says what it is."""

from __future__ import annotations

import socket

import pytest

RUN = ("checks", "--target", "shop@local", "--interval", "0.2")
CACHE = """
[services.cache]
kind = "redis"
roles = ["cache"]
url = { env = "SHOP_CACHE_URL" }
[services.jobs]
kind = "celery"
broker = "cache"
[limits."redis.up"]
medium = "no"
"""
CHECKS = '''
"""The server that keeps things for the shop, and its queue."""


def test_redis_answers(redis, judge):
    judge("redis.up", redis.answers())


def test_there_is_room(redis, judge):
    judge("redis.memory", redis.memory_used())


def test_the_queue_is_short(queue, judge):
    judge("queue.depth", queue.depth())
'''


@pytest.fixture
def stopped(shop_project):
    """The shop, well, with a Redis of medium weight that is not there."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        shop_project.environ["SHOP_CACHE_URL"] = f"redis://127.0.0.1:{bound.getsockname()[1]}/0"
        shop_project.edit("systems/shop/system.toml", "[environments", f"{CACHE}[environments")
        shop_project.write("checks/test_redis.py", CHECKS)
        yield shop_project


def told(project):
    """Severity and cause of what is not OK, by name."""
    lines = [line for line in project.journal() if line["kind"] == "verdict" and line["verdict"] != "OK"]
    return {line["name"]: (line["verdict"], line["severity"], line["because"]) for line in lines}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_medium_cause_fails_no_run_and_is_listed(stopped, workers):
    ran = stopped.pytest(*RUN, *workers)
    assert ran.code == 0, ran.said
    assert "MEDIUM redis.up: no, connection refused" in ran.said
    unknown = ("UNKNOWN", "medium", "redis.up")
    assert told(stopped) == {
        "redis.up": ("BREACHED", "medium", ""),
        "redis.memory": unknown,
        "queue.depth": unknown,
    }


def test_it_fails_a_gate_that_its_cause_fails(stopped):
    assert stopped.pytest(*RUN, "--gate", "medium").code == 1


def test_a_cause_that_cannot_be_told_weighs_as_much(stopped):
    stopped.environ["SHOP_CACHE_URL"] = "redis://nowhere.invalid:1/0"
    assert stopped.pytest(*RUN).code == 0
    assert told(stopped)["redis.memory"] == ("UNKNOWN", "medium", "redis.up")
    assert stopped.pytest(*RUN, "--gate", "medium").code == 11


def deselected(project):
    return ("--deselect", "checks/test_redis.py::test_redis_answers")


def skipped(project):
    mark = "import pytest\n\n\n@pytest.mark.skip(reason='later')\ndef test_redis_answers"
    project.edit("checks/test_redis.py", "def test_redis_answers", mark)
    return ()


def switched_off(project):
    project.edit("systems/shop/system.toml", 'medium = "no"', 'off = "later"')
    return ()


@pytest.mark.parametrize("left_out", [deselected, skipped, switched_off])
def test_a_cause_that_nobody_judges_excuses_nothing(stopped, left_out):
    ran = stopped.pytest(*RUN, *left_out(stopped))
    assert ran.code == 11, ran.said
    assert told(stopped)["redis.memory"] == ("UNKNOWN", "critical", "redis.up")


def test_a_worse_cause_makes_nothing_worse(shop_project, shop):
    shop.say("/items", "no", status=500)
    assert shop_project.pytest(*RUN).code == 1
    assert told(shop_project)["items.latency"] == ("UNKNOWN", "high", "items.ok")
