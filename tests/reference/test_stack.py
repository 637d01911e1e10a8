"""The whole of deal-scout, broken and mended for real: what it promises to the drills, it keeps.

The tests share one stack and each leaves it whole; the last one removes it and looks for what is left.
"""

import json
import re
import time

import httpx
import pytest

pytestmark = pytest.mark.proof

KILLED = 137  # what a container's end is called that had to be made an end of
WORDS = ("bike", "lamp", "sofa", "camera", "guitar")


def soon(stack, path: str) -> httpx.Response:
    """Ask once; return the answer, which comes within five seconds: a fallback that takes eight is none."""
    return stack.api.get(path, timeout=5)


@pytest.fixture(autouse=True)
def whole(stack, within):
    """Each test begins with a stack that is ready."""
    within(30, stack.is_ready)


def test_it_is_healthy_once_it_is_up(stack):
    health = stack.api.get("/health").json()
    assert (health["status"], health["db"], health["redis"]) == ("healthy", True, True)
    assert isinstance(health["queue_depth"], int)


def test_deals_come_from_the_database_and_then_from_the_cache(stack):
    first = stack.api.get("/deals?q=folding").json()
    second = stack.api.get("/deals?q=folding").json()
    assert (first["source"], second["source"]) == ("database", "cache")
    assert first["deals"] == second["deals"] != []


def test_the_visitor_asks_about_five_times_a_second(stack):
    def asked() -> float:
        text = stack.api.get("/metrics").text
        found = re.findall(r'^http_requests_total\{.*path="/deals.*\} (\S+)$', text, re.MULTILINE)
        return sum(map(float, found))

    before = asked()
    time.sleep(3)
    assert 12 <= asked() - before <= 18


def test_an_order_is_placed_once_per_key(stack):
    first, second = stack.order("twice"), stack.order("twice")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_the_roles_are_as_small_as_they_should_be(stack):
    roles = stack.sql("SELECT rolname, rolsuper FROM pg_roles WHERE rolname IN ('deals', 'drillbook') ORDER BY 1")
    assert roles.splitlines() == ["deals|f", "drillbook|f"]


def test_the_exporter_sees_the_volumes_and_not_the_machines_root(stack):
    metrics = stack.host_metrics()
    for name in ("node_filesystem_avail_bytes", "node_filesystem_size_bytes", "node_filesystem_files_free"):
        assert re.search(rf'^{name}\{{.*mountpoint="/volumes/pgdata".*\}} \S+$', metrics, re.MULTILINE)
    assert 'mountpoint="/"' not in metrics
    assert "node_memory_MemAvailable_bytes " in metrics


def test_beat_keeps_the_schedule(stack, within):
    runs = "SELECT count(*) FROM task_runs WHERE finished_at > now() - interval '5 s'"
    within(15, lambda: stack.sql(runs) == "2")


def test_a_job_is_done_by_the_worker(stack, within):
    assert stack.enqueue("a job").status_code == 202
    within(5, lambda: stack.has_done("a job"))


def test_with_redis_killed_deals_are_served_and_jobs_are_refused(stack):
    stack.compose("kill", "redis")
    try:
        answers = [soon(stack, f"/deals?q={word}") for word in WORDS * 2]
        ready = stack.api.get("/health/ready")
        refused = stack.enqueue("refused")
        health = stack.api.get("/health").json()
    finally:
        stack.compose("start", "redis")
    assert all(answer.status_code == 200 and answer.json()["deals"] for answer in answers)
    assert (ready.status_code, ready.json()["because"]) == (503, ["redis"])
    assert (health["status"], health["queue_depth"], refused.status_code) == ("degraded", None, 503)


def test_after_a_kill_of_redis_with_jobs_under_way_the_worker_works_again(stack, within):
    stack.compose("pause", "postgres")
    try:
        accepted = [stack.enqueue(f"under way {number}").status_code for number in range(4)]
        stack.compose("kill", "redis")
    finally:
        stack.compose("unpause", "postgres")
        stack.compose("start", "redis")
    within(15, stack.is_ready)
    assert accepted == [202] * 4
    assert stack.enqueue("after the kill").status_code == 202
    within(20, lambda: stack.has_done("after the kill"))


def test_with_redis_paused_deals_are_served(stack):
    stack.compose("pause", "redis")
    try:
        answers = [soon(stack, f"/deals?q={word}") for word in WORDS * 2]
    finally:
        stack.compose("unpause", "redis")
    assert all(answer.status_code == 200 for answer in answers)


@pytest.mark.parametrize(("fault", "undo"), [("stop", "start"), ("pause", "unpause")])
def test_without_postgres_health_still_answers(stack, within, fault, undo):
    stack.compose(fault, "postgres")
    try:
        asked = [soon(stack, "/health") for _ in range(3)]
        refused = soon(stack, "/deals/7")
    finally:
        stack.compose(undo, "postgres")
    assert all(answer.status_code == 200 and answer.json()["db"] is False for answer in asked)
    assert {answer.json()["status"] for answer in asked} == {"unhealthy"}
    assert refused.status_code == 503
    within(15, stack.is_ready)


def test_an_acknowledged_order_survives_a_kill_of_postgres(stack, within):
    order = stack.order("before the kill").json()["order"]
    assert stack.enqueue("while it is dead").status_code == 202
    stack.compose("kill", "postgres")
    stack.compose("start", "postgres")
    within(20, stack.is_ready)
    assert stack.api.get(f"/orders/{order}").json()["key"] == "before the kill"
    within(15, lambda: stack.has_done("while it is dead"))


def test_a_leak_exhausts_the_pool_until_its_sessions_are_ended(stack, within):
    stack.trouble("POST", "/trouble/leak", connections=10)
    within(5, lambda: stack.trouble("GET", "/trouble")["leaked"] == 10)
    idle = "FROM pg_stat_activity WHERE usename = 'deals' AND state = 'idle in transaction'"
    assert stack.sql(f"SELECT count(*) {idle}") == "10"
    assert "db_pool_in_use 10.0" in stack.api.get("/metrics").text
    assert stack.api.get("/deals/7").status_code == 503
    stack.sql(f"SELECT count(pg_terminate_backend(pid)) {idle}")
    within(5, lambda: stack.api.get("/deals/7").status_code == 200)


def test_what_misbehaves_does_so_only_while_it_is_switched_on(stack):
    stack.trouble("POST", "/trouble/misbehave", path="/deals", milliseconds=300, share=1)
    started = time.monotonic()
    answer = soon(stack, "/deals?q=bike")
    seconds = time.monotonic() - started
    stack.trouble("DELETE", "/trouble")
    assert (answer.status_code, stack.api.get("/deals?q=bike").status_code) == (500, 200)
    assert seconds >= 0.3


def test_it_goes_by_itself_and_leaves_nothing(stack):
    stack.compose("stop", "--timeout", "60")
    ended = json.loads(f"[{','.join(stack.compose('ps', '--all', '--format', 'json').splitlines())}]")
    assert len(ended) >= 5
    assert {one["Service"] for one in ended if one["ExitCode"] == KILLED} == set()
    stack.compose("down", "--volumes")
    assert stack.leftovers() == []
