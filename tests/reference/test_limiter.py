"""The limiter, with a real Redis and without: call 11 of a minute is refused, health counts, others are served."""

import itertools
import json
import time

import pytest

pytestmark = pytest.mark.proof

MOST = 10
USERS = itertools.count(1)


@pytest.fixture(scope="module")
def backend(start_alone, redis_alone):
    """The application of kuya-comps beside a Redis, with nothing else around it."""
    keys = dict.fromkeys(("SEARCH_API_KEY", "EBAY_APP_ID", "EBAY_DEV_ID", "EBAY_CERT_ID"), "a key")
    settings = {"REDIS_URL": "redis://127.0.0.1:6379/0", "RATE_LIMIT_INTERNAL": "1000", **keys}
    return start_alone("kuya-comps", network=f"container:{redis_alone}", **settings)


@pytest.fixture
def paused(engine_command, redis_alone):
    """The Redis does not answer."""
    engine_command("pause", redis_alone)
    yield
    engine_command("unpause", redis_alone)


def statuses(backend, times: int, page: str = "/health") -> list[int]:
    """Return what a new user is answered within one minute of the limiter's clock."""
    while True:
        user, began = f"203.0.113.{next(USERS)}", time.time() // 60
        found = [backend.get(page, **{"X-Forwarded-For": user})["status"] for _ in range(times)]
        if time.time() // 60 == began:
            return found


def shared(backend) -> bool:
    """Return whether it says that requests are counted in Redis."""
    return json.loads(backend.get("/metrics")["body"])["limiter"]["shared"]


def test_call_eleven_of_a_minute_is_refused_and_health_counts_too(backend):
    assert statuses(backend, MOST + 1) == [200] * MOST + [429]


def test_others_are_served_meanwhile(backend):
    assert statuses(backend, MOST + 1)[-1] == 429
    assert statuses(backend, 1) == [200]


def test_the_refused_are_told_when_to_come_back_and_the_others_what_is_left(backend):
    user = {"X-Forwarded-For": f"203.0.113.{next(USERS)}"}
    first = backend.get("/health", **user)["headers"]
    answers = [backend.get("/health", **user) for _ in range(2 * MOST)]
    refused = next(answer for answer in answers if answer["status"] == 429)["headers"]
    assert (first["x-ratelimit-limit"], first["x-ratelimit-remaining"]) == ("10", "9")
    assert 0 < int(refused["retry-after"]) <= 60
    assert "retry-after" not in first


def test_who_asks_from_within_has_a_number_of_their_own(backend):
    assert {backend.get("/health")["status"] for _ in range(MOST + 5)} == {200}


def test_what_was_counted_expires(backend, engine_command, redis_alone):
    statuses(backend, 1)
    keys = engine_command("exec", redis_alone, "redis-cli", "--raw", "KEYS", "rate_limit:203.0.113.*").split()
    left = [int(engine_command("exec", redis_alone, "redis-cli", "--raw", "TTL", key)) for key in keys]
    assert keys
    assert all(0 < seconds <= 60 for seconds in left)


def test_it_says_that_it_counts_in_redis(backend):
    assert shared(backend)


def test_without_redis_it_counts_for_itself_and_says_so(backend, paused):
    assert statuses(backend, MOST + 1) == [200] * MOST + [429]
    assert not shared(backend)


def test_once_redis_is_back_it_counts_there_again(backend, within):
    within(10, lambda: shared(backend))
