"""The backend with nothing around it: it starts, says so, and has no switches that nobody turned on."""

import json

import pytest

SWITCHES = ["/trouble", "/trouble/leak", "/trouble/misbehave"]


def test_it_starts_without_its_dependencies_and_says_soon_that_it_is_unhealthy(alone):
    answer = alone.get("/health")
    assert answer["status"] == 200
    assert json.loads(answer["body"]) == {"status": "unhealthy", "db": False, "redis": False, "queue_depth": None}


def test_it_is_not_ready_and_says_because_of_what(alone):
    answer = alone.get("/health/ready")
    assert answer["status"] == 503
    assert json.loads(answer["body"]) == {"status": "not ready", "because": ["db", "redis"]}


def test_what_needs_the_database_is_refused_as_json(alone):
    answer = alone.get("/deals?q=bike")
    assert answer["status"] == 503
    assert "error" in json.loads(answer["body"])


def test_every_answer_is_counted_under_its_template(alone):
    alone.get("/deals/7")
    alone.get("/nowhere")
    metrics = alone.get("/metrics")["body"]
    assert 'http_requests_total{method="GET",path="/deals/{id}",status="503"}' in metrics
    assert 'http_requests_total{method="GET",path="unknown",status="404"}' in metrics


def test_a_visitor_is_not_done_with_its_first_round_before_everything_was_served(alone):
    assert alone.is_toured("/health")
    assert not alone.is_toured("/health", "/nowhere")


@pytest.mark.parametrize("path", SWITCHES)
def test_without_a_token_in_its_environment_there_are_no_switches(alone, path):
    assert alone.get(path)["status"] == 404
    assert alone.get(path, **{"X-Trouble-Token": ""})["status"] == 404


def test_with_one_the_switches_refuse_who_does_not_carry_it(troubled):
    assert troubled.get("/trouble")["status"] == 403
    assert troubled.get("/trouble", **{"X-Trouble-Token": "another"})["status"] == 403


def test_with_one_the_switches_admit_who_carries_it(troubled):
    answer = troubled.get("/trouble", **{"X-Trouble-Token": "token"})
    assert answer["status"] == 200
    assert json.loads(answer["body"]) == {"leaked": 0, "path": "/", "milliseconds": 0, "share": 0}
