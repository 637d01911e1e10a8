"""An HTTP service is judged by what it says: an answer is not yet the right answer."""

from __future__ import annotations

import json

import pytest

from drillbook.probes.http.noun import Http

WELL = {"status": "healthy", "db": True, "redis": True}
DOWN = {"kind": "down", "reason": "connection refused"}
NO_DNS = {"kind": "unknown", "reason": "the name does not resolve"}
DECLARED = {
    "ready": {"path": "/ready"},
    "health": {"path": "/health", "up": "$.status == 'healthy'", "parts": {"postgres": "$.db", "redis": "$.redis"}},
    "endpoints": {"deals": {"path": "/deals", "json": "$.deals", "at_least": 1}},
}


@pytest.fixture
def http(a_service, a_page, some_readings):
    """Makes the noun from its pages; what is not given is well."""

    def make(*, declared=DECLARED, **pages):
        deals = pages.pop("deals", a_page('{"deals": [1]}'))
        well = {"health": a_page(json.dumps(WELL)), "ready": a_page("ok"), "endpoint deals": deals}
        return Http(a_service("http", "http://u:p@api:8000", **declared), some_readings({"pages": well | pages}))

    return make


@pytest.fixture
def health(a_page):
    """Makes a health page."""

    def make(body=None, *, status=200, **fields):
        return a_page(json.dumps(WELL | fields) if body is None else body, status=status)

    return make


def test_all_is_well(http):
    api = http()
    asked = [api.answers(), api.ready(), api.healthy(), api.part("redis"), api.serves("deals")]
    assert [one.value for one in asked] == [True] * 5
    assert api.latency("deals").value == api.health_latency().value == 10.0
    assert api.latency("deals").unit == "ms"
    assert api.parts == ["postgres", "redis"]
    assert api.endpoints == ["deals"]
    assert {one.by for one in asked} == {"backend 10.0.0.7:8000"}


def test_who_was_asked_is_said_without_its_password(http, a_page):
    nobody = a_page(error=DOWN) | {"by": ""}
    assert http(health=nobody, ready=nobody, deals=nobody).by == "backend api:8000"


@pytest.mark.parametrize(
    ("body", "status", "value", "reason"),
    [
        (None, 503, True, ""),
        (None, 207, True, ""),
        (None, 429, True, ""),
        ('{"db": false}', 503, True, ""),
        ('{"error": "no healthy upstream"}', 503, False, '/health answered 503: {"error"'),
        ("<html><h1>502 Bad Gateway</h1></html>", 502, False, "/health answered 502: <html>"),
        ("", 500, False, "/health answered 500"),
        ('{"status": 500, "error": "Internal Server Error"}', 500, False, "/health answered 500"),
        ('{"status": 404, "error": "Not Found"}', 404, None, "/health answered 404: is this really backend?"),
        ("gone", 404, None, "/health answered 404: is this really backend?"),
        ("", 302, None, "/health answered 302: is this really backend?"),
        ("", 204, None, "/health answered 204"),
        (None, 401, None, "login refused for backend (/health answered 401): declare services.backend.headers"),
        ("<html>hello</html>", 200, None, "/health is not JSON"),
        ("", 200, None, "/health is not JSON"),
        ('{"db": true, "redis": true}', 200, True, ""),
        ('{"status": "healthy"}', 200, True, ""),
        ('{"state": "healthy"}', 200, None, "/health has no $.status ($ has: state): is this really backend?"),
        ("[]", 200, None, "/health has no $.status ($ is a list of 0)"),
        ('{"status": NaN}', 200, None, "NaN is no JSON number"),
    ],
)
def test_what_answers_on_the_health_page_is_really_the_service(http, health, body, status, value, reason):
    answer = http(health=health(body, status=status)).answers()
    assert answer.value is value
    assert reason in answer.reason


def test_a_login_that_is_declared_and_refused_names_its_variable(http, health):
    declared = DECLARED | {"headers": {"Authorization": {"env": "THE_TOKEN"}}}
    assert http(declared=declared, health=health(status=403)).answers().reason.endswith("check $THE_TOKEN")


@pytest.mark.parametrize(
    ("error", "value", "word"), [(DOWN, False, "api.up is red"), (NO_DNS, None, "api.up is unknown")]
)
def test_of_what_does_not_answer_nothing_else_is_known(http, a_page, error, value, word):
    api = http(health=a_page(error=error))
    assert api.answers().value is value
    for other in (api.ready(), api.healthy(), api.part("redis"), api.health_latency(), api.serves("deals")):
        assert other.value is None
        assert other.applies
        assert other.reason.startswith(f"{word}: /health: {error['reason']}")


def test_health_that_answers_200_while_it_says_that_it_is_ill_is_ill(http, health):
    api = http(health=health(json.dumps({"status": "degraded", "db": True, "redis": False})))
    assert api.answers().value is True
    assert (api.healthy().value, api.healthy().reason) == (False, "$.status is 'degraded', not 'healthy'")
    assert (api.part("redis").value, api.part("redis").reason) == (False, "$.redis is false")
    assert api.part("postgres").value is True


PAGE = "<!DOCTYPE html>\n<html><head><meta charset=utf-8><title>\n Server  Error (500)</title></head><body><p>x</p>"


def test_a_page_for_people_where_json_is_declared_says_how_json_is_asked_for(http, health):
    answer = http(health=health(PAGE)).answers()
    assert answer.value is None
    assert answer.reason.startswith(
        '/health is not JSON but a page for people, "Server Error (500)": if it has both, say headers = { Accept = '
        '"application/json" }'
    )


def test_of_a_page_for_people_its_title_is_told(http, a_page):
    answer = http(deals=a_page(PAGE, status=500)).serves("deals")
    assert (answer.value, answer.reason) == (False, '/deals answered 500: "Server Error (500)"')


def test_a_health_page_with_another_status_says_which_parts_are_not_well(http, health):
    answer = http(health=health(status=503, redis=False)).healthy()
    assert (answer.value, answer.reason) == (False, "/health answered 503: not well: redis")


def test_a_part_that_is_no_yes_or_no_is_unknown_with_advice(http, health):
    answer = http(health=health(redis="up")).part("redis")
    assert answer.value is None
    assert "write \"$.redis == '…'\"" in answer.reason


@pytest.mark.parametrize(
    ("status", "error", "value"), [(503, None, False), (200, DOWN, False), (404, None, None), (200, NO_DNS, None)]
)
def test_readiness_is_what_its_page_answers(http, a_page, status, error, value):
    assert http(ready=a_page("not yet", status=status, error=error)).ready().value is value


def test_a_5xx_is_quoted_without_control_characters(http, a_page):
    reason = http(ready=a_page("\x1b[31mno\x07 slot\nleft" + "x" * 500, status=503)).ready().reason
    assert reason.startswith("/ready answered 503: \\x1b[31mno\\x07 slot left")
    assert len(reason) < 200


@pytest.mark.parametrize(
    ("body", "status", "value", "reason"),
    [
        ('{"deals": []}', 200, False, "200, but $.deals has 0 items, fewer than 1"),
        ('{"deals": null}', 200, None, "$.deals is no list"),
        ('{"deals": 3}', 200, None, "$.deals is no list"),
        ('{"items": [1]}', 200, None, "has no $.deals ($ has: items)"),
        ("<html>", 200, None, "is not JSON"),
        ('{"deals": [1]}', 503, False, "/deals answered 503"),
        ('{"deals": [1]}', 404, False, "/deals answered 404"),
        ('{"deals": [1]}', 301, False, "/deals answered 301"),
        ("", 401, None, "login refused"),
        ("", 403, None, "login refused"),
    ],
)
def test_an_endpoint_serves_only_with_the_right_status_and_enough_items(http, a_page, body, status, value, reason):
    api = http(deals=a_page(body, status=status))
    assert api.serves("deals").value is value
    assert reason in api.serves("deals").reason
    assert api.latency("deals").value is None
    assert api.latency("deals").reason.startswith(("deals was not served", "/deals", "login refused"))


def test_a_hanging_endpoint_does_not_serve(http, a_page):
    answer = http(deals=a_page(error={"kind": "down", "reason": "no answer within 3 s"})).serves("deals")
    assert (answer.value, answer.reason) == (False, "/deals: no answer within 3 s")


def test_what_the_file_does_not_declare_is_not_applicable(http, a_page):
    bare = http(declared={}, root=a_page("hello"))
    assert bare.answers().value is True
    for one in (bare.ready(), bare.healthy(), bare.error_ratio(), bare.p95(), bare.traffic(), bare.pool_used()):
        assert not one.applies
        assert one.reason.startswith("system.toml declares no ")
        assert one.reason.endswith(" for backend")


def test_without_a_health_page_an_odd_status_asks_for_one(http, a_page):
    reason = http(declared={}, root=a_page(status=404)).answers().reason
    assert reason == "/ answered 404: declare health or ready for backend in system.toml"


@pytest.mark.parametrize("status", [302, 401, 404])
def test_without_a_health_page_an_endpoint_that_is_served_is_an_answer(http, a_page, status):
    declared = {"endpoints": {"deals": {"path": "/deals", "json": "$.deals"}}}
    api = http(declared=declared, root=a_page(status=status))
    assert api.answers().value is api.serves("deals").value is True
    for deals in (a_page('{"deals": []}'), a_page("<html>"), a_page(status=404)):
        api = http(declared=declared, root=a_page(status=status), deals=deals)
        assert api.answers().value is api.serves("deals").value is None
    anybody = http(declared={"endpoints": {"deals": {"path": "/deals"}}}, root=a_page(status=status))
    assert anybody.answers().value is None
    down = http(declared=declared, root=a_page(status=502))
    assert down.answers().value is False


def test_an_unknown_endpoint_or_part_is_a_missing_value(http):
    assert "no endpoint orders for backend (it has: deals)" in http().serves("orders").reason
    assert "no part queue" in http().part("queue").reason


def test_a_reader_that_crashed_leaves_everything_unknown(a_service, some_readings):
    crash = {"error": {"kind": "unknown", "reason": "the probe crashed: KeyError: 'x'"}}
    api = Http(a_service("http", "http://api:8000", **DECLARED), some_readings(crash))
    assert api.answers().value is None
    assert api.answers().reason == "the probe crashed: KeyError: 'x'"
    assert api.serves("deals").reason == "api.up is unknown: the probe crashed: KeyError: 'x'"


def test_readings_of_a_shape_nobody_expects_are_a_crash_and_no_exception(a_service, some_readings):
    api = Http(a_service("http", "http://api:8000", **DECLARED), some_readings({"pages": {"health": 7}}))
    assert api.answers().value is None
    assert "the probe crashed" in api.answers().reason
