"""kuya-comps with nothing around it: it starts only with all its settings, and tells no keys when it fails."""

import json

import pytest

pytestmark = pytest.mark.proof

NAMES = ("SEARCH_API_KEY", "EBAY_APP_ID", "EBAY_DEV_ID", "EBAY_CERT_ID")
KEYS = dict.fromkeys(NAMES, "a-key-of-ours")
SEARCH = "/comps?query=mike+trout"


@pytest.fixture(scope="module")
def backend(start_alone):
    """The application without Redis, SearchAPI and eBay."""
    return start_alone("kuya-comps", RATE_LIMIT_INTERNAL="1000", **KEYS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", "xxx"])
def test_without_one_of_its_settings_it_does_not_start_and_names_it(backend, engine_command, name, value):
    script = "python -m app.api 2>&1; echo ended with $?"
    ended = engine_command("exec", "--env", f"{name}={value}", backend.container, "sh", "-c", script)
    assert f"Configuration validation failed: not set, or a placeholder: {name}\n" in ended
    assert ended.endswith("ended with 1")


def test_it_lives_whatever_else_is_the_matter(backend):
    assert json.loads(backend.get("/health")["body"]) == {"status": "healthy"}


def test_it_says_with_200_that_redis_is_away_and_that_there_is_no_database(backend):
    answer = backend.get("/health/ready")
    said = json.loads(answer["body"])
    assert (answer["status"], said["redis"], said["database"]) == (200, False, False)
    assert said["status"] in ("degraded", "unhealthy")


def test_without_both_providers_it_says_what_kind_of_error_that_is_and_no_key(backend):
    answer = backend.get(SEARCH)
    said = json.loads(answer["body"])
    assert answer["status"] == 503
    assert [one["class"] for one in said["errors"]] == ["ScraperError", "ScraperError"]
    assert "a-key-of-ours" not in answer["body"]
    assert json.loads(backend.get("/health/ready")["body"])["status"] == "unhealthy"


@pytest.mark.parametrize("query", ["", "?query=", "?query=x&pages=0", "?query=x&pages=six"])
def test_a_query_that_makes_no_sense_is_the_clients_mistake_and_no_error_of_ours(backend, query):
    assert backend.get(f"/comps{query}")["status"] == 422


def test_its_figures_are_json_by_page(backend):
    backend.get("/comps")
    backend.get(SEARCH)
    page = json.loads(backend.get("/metrics")["body"])["endpoints"]["/comps"]
    assert 0 < page["error_count"] < page["total_requests"]
    assert page["error_rate"] == round(100 * page["error_count"] / page["total_requests"], 2)


def test_every_answer_has_a_name_of_its_own(backend):
    names = {backend.get(path)["headers"]["x-request-id"] for path in ("/health", "/health", "/comps", "/nowhere")}
    assert len(names) == 4
