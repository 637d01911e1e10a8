"""Real Celery workers on a real Redis: waiting, busy, frozen, listening elsewhere; and queues named by its options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drillbook.probes.celery import noun
from drillbook.probes.celery.noun import Queue
from drillbook.probes.measure import cost, measure

APPLICATION = Path(__file__).parent / "celery_application"
WORKER = ("celery", "-A", "app", "worker", "--concurrency", "1", "--loglevel", "WARNING")
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@pytest.fixture(scope="module")
def server(start_redis):
    """A Redis: its container, `HOST:PORT`, and a client of one's own."""
    return start_redis("--save", "", decode_responses=True)


@pytest.fixture
def broker(server):
    """A client of one's own of the empty broker."""
    server[2].flushall()
    return server[2]


@pytest.fixture(scope="module")
def run(start_container, server):
    """Runs a command beside the broker with the application at hand; gives its container."""

    def start(*command, conf=None):
        environment = {"CONF": json.dumps(conf or {}), "PYTHONDONTWRITEBYTECODE": "1"}
        volumes = {str(APPLICATION): {"bind": "/application", "mode": "ro"}}
        return start_container(
            "REFERENCE", *command, network_mode=f"container:{server[0].id}", environment=environment,
            volumes=volumes, working_dir="/application",
        )[0]  # fmt: skip

    return start


@pytest.fixture(scope="module")
def application(run):
    """Runs a line of Python in the application."""
    shell = run("sleep", "infinity")

    def say(line, conf=None):
        command = ["python", "-c", f"from app import declare, send; {line}"]
        code, output = shell.exec_run(command, environment={"CONF": json.dumps(conf or {})})
        assert code == 0, output.decode()

    return say


@pytest.fixture
def worker(run, broker, until):
    """Starts one worker, and gives its container once it waits for jobs; it is gone after the test."""
    started = []

    def start(queues="celery", conf=None):
        started.append(run(*WORKER, *ALONE, "-Q", queues, conf=conf))
        until(lambda: any(one["cmd"] == "brpop" for one in broker.client_list()))
        return started[-1]

    yield start
    for one in started:
        one.kill("SIGKILL")
    until(lambda: not any(one["cmd"] == "brpop" for one in broker.client_list()))


@pytest.fixture
def ask(a_service, server, monkeypatch):
    """The noun, freshly read; a worker's silence is believed sooner than in earnest."""
    monkeypatch.setattr(noun, "PATIENCE", 2)

    def read(**declared):
        service = a_service("celery", f"redis://{server[1]}/0", name="worker", broker="redis", **declared)
        return Queue(service, measure([service], 0.3)["worker"])

    return read


def values(queue):
    return [one.value for one in (queue.depth(), queue.workers(), queue.stuck())]


def last_asked_long_ago(broker):
    asked = [one for one in broker.client_list() if one["cmd"] == "brpop"]
    return bool(asked) and all("b" not in one["flags"] and int(one["idle"]) > 2 for one in asked)


def test_a_worker_that_waits_is_one_and_a_frozen_one_is_none(ask, worker, application, broker, until):
    container = worker()
    assert values(ask()) == [0, 1, 0]
    container.kill("SIGSTOP")
    until(lambda: last_asked_long_ago(broker))
    application("send(3)")
    frozen = ask()
    assert values(frozen) == [3, 0, 3]
    assert "nobody takes 3 in celery: 1 asked for no job" in frozen.stuck().reason
    assert [ask(prefetch=False).workers().value, ask(prefetch=False).stuck().value] == [None, None]
    container.kill("SIGCONT")
    until(lambda: values(ask()) == [0, 1, 0])


@pytest.mark.parametrize(
    "late", [pytest.param(True, id="late"), pytest.param(False, id="early", marks=pytest.mark.proof)]
)
def test_a_busy_worker_is_not_frozen_and_its_queue_is_not_stuck(ask, worker, application, broker, until, late):
    worker(conf={"task_acks_late": late})
    application("send(5, 600)")
    until(lambda: last_asked_long_ago(broker))
    busy = ask()
    assert (busy.workers().value, busy.stuck().value) == (1, 0)
    assert "whoever may take them is busy" in busy.stuck().reason


def missed(broker):
    return broker.info("stats")["keyspace_misses"]


@pytest.mark.parametrize("jobs", [0, 3])
def test_what_we_ask_is_no_miss_of_the_cache_that_others_measure(ask, broker, application, jobs):
    application("declare('celery', 'celery')")
    application(f"send({jobs})")
    before = missed(broker)
    assert ask().depth().value == jobs
    assert missed(broker) == before


def test_where_memory_may_not_be_asked_the_keys_are(ask, broker, application):
    application("declare('celery', 'celery')")
    application("send(3)")
    broker.execute_command("ACL", "SETUSER", "default", "-memory")
    try:
        before = missed(broker)
        assert ask().depth().value == 3
        assert missed(broker) > before
    finally:
        broker.execute_command("ACL", "SETUSER", "default", "+memory")


def test_no_more_is_asked_than_its_cost(ask, application):
    application("declare('celery', 'celery')")
    application("send(3)")
    queue = ask()
    assert 0 < queue.readings.asked <= cost(queue.service)


def test_jobs_of_a_queue_to_which_no_worker_listens_are_stuck(ask, worker, application, until):
    worker("emails")
    application("send(4)")
    until(lambda: values(ask()) == [4, 0, 4])
    assert ask().workers().reason == "nobody takes 4 in celery: 1 wait for jobs of other queues"
    assert values(ask(queues=["emails"])) == [0, 1, 0]


@pytest.mark.parametrize(
    ("options", "declared"),
    [
        ({"global_keyprefix": "foo-"}, {"key_prefix": "foo-"}),
        ({"priority_steps": list(range(10))}, {"priority_steps": list(range(10))}),
        ({"sep": ":"}, {"separator": ":"}),
    ],
    ids=["prefix", "steps", "separator"],
)
def test_jobs_are_counted_where_the_applications_options_put_them(ask, application, broker, options, declared):
    application("send(3, priority=4)", conf={"broker_transport_options": options})
    assert values(ask(**declared)) == [3, 0, 3]
    assert [ask().depth().value, ask().stuck().value] == [None, None], "not said in the file"


def test_a_queue_that_is_bound_to_another_exchange_is_found_there(ask, application, broker):
    application("declare('reports', 'office')")
    assert values(ask(queues=["reports"], exchanges=["office"])) == [0, 0, 0]
    assert "no queue called reports is bound (these are: none)" in ask(queues=["reports"]).depth().reason


def test_a_queue_whose_name_is_mistyped_is_unknown(ask, worker):
    worker()
    assert values(ask(queues=["celry"])) == [None, None, None]
    assert "no queue called celry is bound (these are: celery)" in ask(queues=["celry"]).workers().reason
