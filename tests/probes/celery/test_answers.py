"""A queue is judged by its lists and by who waits for jobs: what nobody takes is red, what busy workers hold is not."""

from __future__ import annotations

import pytest

from drillbook.probes.celery.noun import Queue

FREE = {"id": "7", "cmd": "brpop", "flags": "b", "db": "0", "idle": "1"}
FRESH = FREE | {"flags": "N", "idle": "2"}
LONG_AGO = FREE | {"flags": "N", "idle": "25"}
SEPARATOR = "\x06\x16"


@pytest.fixture
def queue(a_service, some_readings):
    """Makes the noun from its readings; `waiting` are jobs by queue, at the moment of the first look."""

    def make(clients=(), later=None, *, holding=False, waiting=None, database=0, declared=None, **facts):
        base = {"failed": None, "by": "10.0.0.7:6379", "unacked": 4, "bound": ["celery", "emails"], "undeclared": 0}
        lengths = {"celery": {"celery": 3, f"celery{SEPARATOR}3": 2}}
        look = {"clients": list(clients), "holding": holding}
        moment = {"moment": {"jobs": waiting} | look} if waiting else {}
        second = look if later is None else {"clients": list(later), "holding": holding}
        address = f"redis://cache:6379/{database}"
        service = a_service("celery", address, name="worker", broker="redis", **(declared or {}))
        return Queue(service, some_readings(base | {"lengths": lengths} | look | moment | facts, second))

    return make


def test_the_depth_is_over_all_priorities_and_what_is_unacknowledged(queue):
    assert (queue().depth().value, queue().depth().unit, queue().depth().by) == (9.0, "jobs", "redis 10.0.0.7:6379")


def test_workers_are_clients_of_the_brokers_database_that_take_jobs(queue):
    other, talk = FREE | {"db": "1"}, {"id": "9", "cmd": "ping", "flags": "N", "db": "0", "idle": "0"}
    assert queue([FREE, other, talk], [FREE, FRESH]).workers().value == 2
    assert queue([FREE, other], database=1).workers().value == 1
    assert queue().workers().value == 0.0


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        ({"kind": "down", "reason": "connection refused"}, "redis.up is red: connection refused"),
        ({"kind": "login", "reason": "x"}, "redis.up is unknown: login refused for redis: check the url of redis"),
        ({"kind": "unknown", "reason": "it answered WRONGTYPE"}, "redis.up is unknown: it answered WRONGTYPE"),
    ],
)
def test_of_a_queue_whose_broker_does_not_answer_nothing_is_known(queue, failed, reason):
    for one in (queue(failed=failed).depth(), queue(failed=failed).workers(), queue(failed=failed).stuck()):
        assert (one.value, one.reason) == (None, reason)


def test_a_client_list_that_was_refused_is_not_zero_workers(a_service, some_readings):
    service = a_service("celery", "redis://cache:6379/0", broker="redis")
    lost = {"failed": None, "lengths": {}, "bound": [], "undeclared": 0, "lost": {"reason": "no permission"}}
    for one in (Queue(service, some_readings(lost)).workers(), Queue(service, some_readings(lost)).stuck()):
        assert one.reason == "CLIENT LIST: no permission"


@pytest.mark.parametrize("ask", [Queue.depth, Queue.workers, Queue.stuck])
def test_a_queue_that_nobody_has_declared_is_unknown_unless_jobs_are_in_it(queue, ask):
    empty = {"lengths": {"celry": {"celry": 0}}}
    answer = ask(queue([FREE], **empty))
    assert answer.value is None
    assert answer.reason == (
        "no queue called celry is bound (these are: celery, emails): "
        "check services.worker.queues, exchanges and key_prefix"
    )
    assert ask(queue([FREE], bound=["celry"], **empty)).value is not None
    assert ask(queue([FREE], lengths={"celry": {"celry": 1}})).value is not None


def test_jobs_of_priorities_that_the_file_does_not_say_are_unknown(queue):
    answer = queue([FREE], undeclared=2).depth()
    assert answer.value is None
    assert answer.reason.startswith(
        "jobs wait in 2 lists of other priorities than [0, 3, 6, 9]: declare services.worker"
    )


def test_a_worker_that_asks_for_nothing_and_holds_nothing_is_frozen(queue):
    answer = queue([LONG_AGO]).workers()
    assert answer.value == 0.0
    assert answer.reason.startswith("1 asked for no job in 25 s and hold none: frozen")
    assert queue([FREE, LONG_AGO | {"id": "8"}]).workers().value == 1


@pytest.mark.parametrize("holding", [True, None])
def test_a_worker_whose_hands_may_be_full_is_not_frozen(queue, holding):
    busy = queue([LONG_AGO], holding=holding, waiting={"celery": 5})
    assert busy.workers().value == 1
    assert busy.workers().reason == "1 last asked more than 5 s ago: their hands are full"
    assert (busy.stuck().value, busy.stuck().reason) == (0.0, "5 wait, and whoever may take them is busy")


def test_without_prefetching_a_busy_worker_cannot_be_told_from_a_frozen_one(queue):
    alike = queue([LONG_AGO], waiting={"celery": 5}, declared={"prefetch": False})
    for one in (alike.workers(), alike.stuck()):
        assert one.value is None
        assert one.reason.endswith("busy or frozen, which cannot be told without prefetching")
    assert queue([FREE], declared={"prefetch": False}).workers().value == 1


def test_jobs_that_wait_while_every_worker_waits_too_are_taken_by_nobody(queue):
    asleep = queue([FREE], waiting={"celery": 100})
    reason = "nobody takes 100 in celery: 1 wait for jobs of other queues"
    assert (asleep.stuck().value, asleep.stuck().unit, asleep.stuck().reason) == (100.0, "jobs", reason)
    assert (asleep.workers().value, asleep.workers().reason) == (0.0, reason)


def test_workers_that_take_from_another_declared_queue_are_workers(queue):
    two = queue([FREE], waiting={"celery": 2}, declared={"queues": ["celery", "emails"]})
    assert (two.stuck().value, two.workers().value) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("clients", "why"), [([], "no worker is connected"), ([LONG_AGO], "1 asked for no job in 25 s and hold none")]
)
def test_jobs_without_a_worker_and_with_a_frozen_one_are_taken_by_nobody(queue, clients, why):
    answer = queue(clients, waiting={"celery": 3}).stuck()
    assert answer.value == 3.0
    assert f"nobody takes 3 in celery: {why}" in answer.reason


@pytest.mark.parametrize(
    ("first", "later"),
    [([FRESH], [FREE]), ([FREE], [FRESH]), ([], [FREE]), ([FREE], []), ([FREE], [FREE, FREE | {"id": "8"}])],
    ids=["was busy", "is busy", "has come", "has gone", "another has come"],
)
def test_where_a_worker_is_busy_or_has_just_come_jobs_may_wait(queue, first, later):
    assert queue(first, later, waiting={"celery": 3}).stuck().value == 0.0


def test_an_empty_queue_is_not_stuck(queue):
    assert (queue([FREE]).stuck().value, queue([FREE]).stuck().reason) == (0.0, "")


def test_what_the_broker_does_not_let_us_see_at_one_moment_is_unknown(queue):
    unseen = queue([FREE], moment={"lost": {"reason": "it answered NOPERM"}})
    assert (unseen.stuck().value, unseen.stuck().reason) == (None, "MULTI: it answered NOPERM")
    assert unseen.workers().value == 1
