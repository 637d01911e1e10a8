"""Somebody else's API, asked for real: its key, its quota, and each way in which it can be told to answer otherwise."""

import json
import time

import pytest

pytestmark = pytest.mark.proof

TOKEN = {"X-Trouble-Token": "token"}
KEY = {"Authorization": "Bearer key"}
SEARCH = "/api/v1/search?q=mike+trout"


@pytest.fixture(scope="module")
def searchapi(start_alone):
    """One that a drill started with a token, and with room for much."""
    settings = {"SEARCH_API_KEY": "key", "SEARCH_API_MONTHLY": "1000", "KUYA_COMPS_TROUBLE": "token"}
    return start_alone("kuya-comps", "app.stubs", "searchapi", page="/status", **settings)


@pytest.fixture(scope="module")
def small(start_alone):
    """One without switches, that has room for two searches a month."""
    settings = {"SEARCH_API_KEY": "key", "SEARCH_API_MONTHLY": "2"}
    return start_alone("kuya-comps", "app.stubs", "searchapi", page="/status", **settings)


@pytest.fixture(autouse=True)
def well(searchapi):
    """Each test leaves it well."""
    yield
    searchapi.ask("DELETE", "/trouble", **TOKEN)


def told(searchapi, how: str) -> int:
    """Tell it how to answer; return the status of that."""
    return searchapi.ask("POST", f"/trouble/answers?{how}", **TOKEN)["status"]


def test_it_answers_who_has_the_key_and_nobody_else(searchapi):
    assert json.loads(searchapi.get(SEARCH, **KEY)["body"])["organic_results"]
    assert searchapi.get(SEARCH)["status"] == 401
    assert searchapi.get(SEARCH, Authorization="Bearer another")["status"] == 401


@pytest.mark.parametrize("status", [401, 429, 503])
def test_it_can_be_told_to_refuse(searchapi, status):
    assert told(searchapi, f"as={status}") == 200
    assert searchapi.get(SEARCH, **KEY)["status"] == status
    searchapi.ask("DELETE", "/trouble", **TOKEN)
    assert searchapi.get(SEARCH, **KEY)["status"] == 200


def test_when_it_is_asked_too_often_it_says_when_to_come_back(searchapi):
    told(searchapi, "as=429")
    assert searchapi.get(SEARCH, **KEY)["headers"]["retry-after"] == "30"


def test_its_garbage_is_no_json(searchapi):
    told(searchapi, "as=garbage")
    answer = searchapi.get(SEARCH, **KEY)
    assert answer["status"] == 200
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(answer["body"])


def test_it_can_be_told_what_to_say(searchapi):
    told(searchapi, "as=json&body=%7B%22a%22:1%7D")
    assert json.loads(searchapi.get(SEARCH)["body"]) == {"a": 1}


def test_when_it_is_late_it_answers_well_all_the_same(searchapi):
    told(searchapi, "as=late&seconds=0.5")
    began = time.monotonic()
    assert searchapi.get(SEARCH, **KEY)["status"] == 200
    assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize("how", ["path=/api/v1/search", "path=/api/*", "share=1"])
def test_what_is_told_of_a_path_or_a_share_is_told_of_that(searchapi, how):
    assert told(searchapi, f"as=503&{how}") == 200
    assert searchapi.get(SEARCH, **KEY)["status"] == 503


@pytest.mark.parametrize("how", ["path=/api/v1/me", "path=/api", "share=0"])
def test_and_of_nothing_else(searchapi, how):
    assert told(searchapi, f"as=503&{how}") == 200
    assert searchapi.get(SEARCH, **KEY)["status"] == 200


@pytest.mark.parametrize("how", ["", "as=418", "as=503&path=api", "as=503&share=2", "as=late&seconds=x"])
def test_nonsense_is_refused_and_changes_nothing(searchapi, how):
    assert told(searchapi, how) == 422
    assert searchapi.get(SEARCH, **KEY)["status"] == 200


def test_the_switches_are_for_who_carries_the_token(searchapi):
    assert searchapi.ask("POST", "/trouble/answers?as=503", **{"X-Trouble-Token": "another"})["status"] == 403
    assert searchapi.ask("DELETE", "/trouble")["status"] == 403
    assert searchapi.get("/trouble")["status"] == 403


def test_without_a_token_in_its_environment_there_are_none(small):
    assert small.ask("POST", "/trouble/answers?as=503", **TOKEN)["status"] == 404


def test_a_search_costs_quota_a_look_at_the_account_does_not_and_none_is_left_in_the_end(small):
    def left() -> int:
        return json.loads(small.get("/api/v1/me", **KEY)["body"])["account"]["remaining_credits"]

    before = left(), left()
    answers = [small.get(SEARCH, **KEY) for _ in range(3)]
    assert (before, left()) == ((2, 2), 0)
    assert [answer["status"] for answer in answers] == [200, 200, 429]
    assert answers[2]["headers"]["retry-after"] == "30"
