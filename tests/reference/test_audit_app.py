"""audit-app's backend beside nothing but a PostgreSQL: who is let in, what is limited, what its health page lists."""

import json
import time

import pytest

pytestmark = pytest.mark.proof

TOKEN = {"Authorization": "Bearer a-token"}
COUNTIES = "/api/v1/counties"
MOST = 5
SETTINGS = {
    "API_TOKEN": "a-token",
    "RATE_LIMIT_CALLS": str(MOST),
    "RATE_LIMIT_INTERNAL": "1000",
    "RELEASE_FILE": "/etc/hostname",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "PGHOST": "127.0.0.1",
    "PGUSER": "audit",
    "PGPASSWORD": "audit",
    "PGDATABASE": "audit",
}
HANG_UP = """
import socket
lines = ("GET /api/v1/documents HTTP/1.1", "Host: x", "Content-Length: 9", "Authorization: Bearer a-token", "", "")
connection = socket.create_connection(("127.0.0.1", 8000))
connection.sendall("\\r\\n".join(lines).encode())
connection.close()
"""


@pytest.fixture(scope="module")
def backend(start_alone, postgres_alone, sql, within):
    """The backend beside a PostgreSQL, which has one county, and without Redis."""
    started = start_alone("audit-app", network=f"container:{postgres_alone}", **SETTINGS)
    within(30, lambda: parts(started)["migrations"]["status"] == "pass")
    sql("INSERT INTO counties VALUES (1, 'Mombasa')")
    return started


def health(backend):
    answer = backend.get("/health")
    return answer["status"], json.loads(answer["body"])


def parts(backend):
    return {one["componentId"]: one for one in health(backend)[1]["checks"]}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer another"}, {"Authorization": "a-token"}])
def test_without_the_token_nobody_is_let_in(backend, headers):
    answer = backend.get(COUNTIES, **headers)
    assert (answer["status"], "Mombasa" in answer["body"]) == (401, False)


def test_with_the_token_the_counties_are_told_though_redis_is_away(backend):
    answer = backend.get(COUNTIES, **TOKEN)
    assert json.loads(answer["body"]) == {"data": [{"id": 1, "name": "Mombasa"}], "meta": {"count": 1}}


def test_the_api_is_limited_and_the_health_page_is_not(backend):
    stranger = {"X-Forwarded-For": "198.51.100.1", **TOKEN}
    while True:
        window = time.time() // 60
        statuses = [backend.get(COUNTIES, **stranger)["status"] for _ in range(MOST + 1)]
        if time.time() // 60 == window:
            break
    assert statuses == [200] * MOST + [429]
    assert backend.get("/health", **stranger)["status"] == 200


def test_what_becomes_of_a_request_is_written_to_the_trail(backend, sql, within):
    backend.get(COUNTIES, **{"X-Forwarded-For": "198.51.100.2"})
    backend.get(COUNTIES, **{"X-Forwarded-For": "198.51.100.2", **TOKEN})
    noted = "SELECT string_agg(status::text, ' ' ORDER BY id) FROM audit_log WHERE ip_address = '198.51.100.2'"
    within(10, lambda: sql(noted) == "401 200")


def test_without_redis_health_is_a_warning_and_the_parts_say_which(backend):
    status, said = health(backend)
    assert (status, said["status"]) == (200, "warn")
    found = parts(backend)
    assert {name: one["status"] for name, one in found.items()} == {
        "database": "pass",
        "redis": "fail",
        "rate_limiter": "fail",
        "migrations": "pass",
    }
    assert found["rate_limiter"]["mode"] == "in-memory"


def test_migrations_that_are_behind_or_have_two_heads_are_told(backend, sql):
    sql("UPDATE alembic_version SET version_num = '0002'")
    behind = parts(backend)["migrations"]
    sql("UPDATE alembic_version SET version_num = '0003'; INSERT INTO alembic_version VALUES ('0003b')")
    two = parts(backend)["migrations"]
    sql("DELETE FROM alembic_version WHERE version_num = '0003b'")
    assert (behind["status"], behind["observedValue"], behind["expectedValue"]) == ("fail", ["0002"], ["0003"])
    assert two["status"] == "fail"
    assert parts(backend)["migrations"]["status"] == "pass"


def test_requests_are_counted_by_code(backend):
    backend.get(COUNTIES)
    counted = backend.get("/metrics")["body"]
    assert f'api_requests_total{{code="401",handler="{COUNTIES}",method="GET"}}' in counted
    assert f'http_request_duration_bucket{{handler="{COUNTIES}",le="2.0"}}' in counted


def test_a_client_who_hangs_up_is_no_error(backend, engine_command, within):
    engine_command("exec", backend.container, "python", "-c", HANG_UP)
    within(10, lambda: 'code="499"' in backend.get("/metrics")["body"])
    assert "Traceback" not in engine_command("logs", backend.container)


def test_without_the_database_it_is_503_and_still_lists_its_parts(backend, engine_command, postgres_alone):
    engine_command("pause", postgres_alone)
    try:
        status, said = health(backend)
    finally:
        engine_command("unpause", postgres_alone)
    assert (status, said["status"]) == (503, "fail")
    assert {one["componentId"] for one in said["checks"]} == {"database", "redis", "rate_limiter", "migrations"}
