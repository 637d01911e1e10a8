"""The backend of social-analytics with nothing around it: what it says of itself, and to whom it says nothing."""

import json

import pytest

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def backend(start_alone):
    """It, without database, Redis, platforms and AWS."""
    return start_alone("social-analytics", API_TOKEN="token")


def test_it_lives_whatever_else_is_the_matter(backend):
    answer = backend.get("/health")
    assert (answer["status"], json.loads(answer["body"])["status"]) == (200, "healthy")


def test_without_its_database_it_is_not_ready_and_its_body_says_which_part_is_well(backend):
    answer = backend.get("/health/ready")
    said = json.loads(answer["body"])
    assert (answer["status"], said["status"]) == (503, "not_ready")
    assert said["checks"] == {"database": {"status": "error"}, "scheduler": {"status": "ok"}}


@pytest.mark.parametrize("path", ["/api/jobs", "/api/jobs/1", "/api/jobs/1/executions", "/api/analytics/twitch"])
def test_only_who_has_the_token_is_served(backend, path):
    assert backend.get(path)["status"] == 401
    assert backend.get(path, Authorization="Bearer another")["status"] == 401
    assert backend.get(path, Authorization="Bearer token")["status"] == 503
