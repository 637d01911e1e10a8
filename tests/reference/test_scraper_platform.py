"""The backend of scraper-platform with nothing around it: what it says of itself, and to whom it says nothing."""

import json

import pytest

pytestmark = pytest.mark.proof

SETTINGS = {
    "REDIS_URL": "redis://cache:6379/0",
    "CELERY_BROKER_URL": "redis://broker:6379/0",
    "PGHOST": "postgres",
    "PGPASSWORD": "a-password",
    "ADMIN_PASSWORD": "another-password",
    "PLATFORM_KEY": "a-key-of-ours",
}
PAGES = ["/api/admin/status", "/api/admin/slo", "/api/admin/oncall"]


@pytest.fixture(scope="module")
def backend(start_alone):
    """It, without database, cache, broker, workers and platforms."""
    return start_alone("scraper-platform", **SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_without_one_of_its_settings_it_does_not_start_and_names_it(backend, engine_command, name):
    script = "python -m app.api 2>&1; echo ended with $?"
    ended = engine_command("exec", "--env", f"{name}=", backend.container, "sh", "-c", script)
    assert f"refusing to start, not set: {name}\n" in ended
    assert ended.endswith("ended with 1")


def test_without_everything_its_health_has_a_word_for_each_part(backend):
    answer = backend.get("/health")
    said = json.loads(answer["body"])
    assert (answer["status"], said["overall"]) == (503, "outage")
    words = {"database": "outage", "redis": "degraded", "celery": "outage", "storage": "operational"}
    assert said["components"] | words == said["components"]


@pytest.mark.parametrize("path", PAGES)
def test_the_admins_pages_are_for_nobody_else(backend, path):
    assert backend.get(path)["status"] == 401
    assert backend.get(path, Authorization="Bearer another")["status"] == 401


def test_what_a_client_calls_its_request_is_on_the_answer_and_in_the_log(backend, engine_command):
    answer = backend.get("/api/posts/latest", **{"X-Request-ID": "a-name-of-ours"})
    assert (answer["status"], answer["headers"]["x-request-id"]) == (503, "a-name-of-ours")
    written = engine_command("exec", backend.container, "cat", "/tmp/app.log")
    assert "GET /api/posts/latest 503 request_id=a-name-of-ours" in written


@pytest.mark.parametrize("name", ["", "two words", "x%0aERROR"])
def test_a_name_that_would_not_do_in_a_log_is_replaced(backend, name):
    assert backend.get("/health", **{"X-Request-ID": name})["headers"]["x-request-id"] not in ("", name)


def test_a_platform_that_is_none_of_ours_is_the_clients_mistake(backend):
    assert backend.get("/api/trending?platform=elsewhere")["status"] == 422


def test_durations_are_told_in_milliseconds_and_statuses_as_codes(backend):
    backend.get("/api/trending")
    figures = backend.get("/metrics")["body"]
    assert 'flask_request_duration_bucket{endpoint="/api/trending",le="5000.0"}' in figures
    assert 'flask_requests_total{code="503",endpoint="/api/trending",verb="GET"}' in figures
