"""A login that is fetched first: real ones of FastAPI (a form) and Flask (JSON, a cookie), and what may go wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from drillbook.common.redact import scrub
from drillbook.probes.http.noun import Http
from drillbook.probes.http.table import PageRead
from drillbook.probes.measure import Meter, cost, measure
from drillbook.system.signals import Signal, SignalTable

DEALS = 'endpoints.deals = { path = "/deals", json = "$.deals" }\n'
FORM = (
    DEALS + 'health = { path = "/health", up = "$..status == \'ok\'" }\n'
    'login = { path = "/auth/token", token = "$.access_token", '
    'form = { username = "checker", password = { env = "THE_PASSWORD" } } }\n'
)
COOKIE = (
    DEALS + 'health = { path = "/health", says = "ok" }\n'
    'login = { path = "/session", cookie = "session", json = { password = { env = "THE_PASSWORD" } } }\n'
)
PASSWORD = "s3cret-of-the-checker"


def read(service):
    readings = measure([service], 0.0)[service.name]
    return Http(service, readings), readings


@pytest.mark.parametrize(("framework", "lines"), [("fastapi", FORM), ("flask", COOKIE)])
def test_a_login_opens_what_needs_one(framework, lines, declared, request):
    application = request.getfixturevalue(framework)
    service = declared(lines, application.address, THE_PASSWORD=PASSWORD)
    noun, readings = read(service)
    assert (noun.answers().value, noun.serves("deals").value) == (True, True)
    assert readings.asked == cost(service) == 3
    assert noun.latency("deals").again().value > 0
    assert noun.get("/deals").at("$.deals[0]").value == 1


def test_without_it_nothing_is_opened(declared, fastapi):
    noun, _ = read(declared("\n".join(FORM.splitlines()[:2]), fastapi.address))
    assert noun.serves("deals").value is None
    assert "declare services.web.headers" in noun.serves("deals").reason


@pytest.mark.parametrize(("framework", "lines"), [("fastapi", FORM), ("flask", COOKIE)])
def test_a_login_that_is_refused_is_unknown_and_names_its_variable(framework, lines, declared, request):
    application = request.getfixturevalue(framework)
    noun, _ = read(declared(lines, application.address, THE_PASSWORD="another-password"))
    assert noun.answers().value is True
    answer = noun.serves("deals")
    assert answer.value is None
    assert answer.reason.startswith("/deals: the login failed: /")
    assert answer.reason.endswith(": check $THE_PASSWORD")


def test_what_a_login_gives_is_a_secret_and_asked_for_once_a_reading(declared, server):
    server.say("/health", '{"status": "ok"}')
    server.say("/deals", '{"deals": [1]}')
    server.say("/auth/token", '{"access_token": "a-token-that-nobody-may-see"}')
    noun, readings = read(declared(FORM, server.address, THE_PASSWORD=PASSWORD))
    assert server.paths() == ["/auth/token", "/health", "/deals"]
    assert server.asked[0][2] == b"username=checker&password=s3cret-of-the-checker"
    assert server.asked[2][1]["Authorization"] == "Bearer a-token-that-nobody-may-see"
    assert noun.serves("deals").value is True
    assert "a-token-that-nobody-may-see" not in scrub("it was a-token-that-nobody-may-see")
    assert "a-token-that-nobody-may-see" not in json.dumps(readings.to_plain())


def test_it_is_the_only_post_whatever_is_asked(declared, server):
    server.say("/auth/token", '{"access_token": "t0ken"}')
    server.say("/health", '{"status": "ok", "depth": 3}')
    server.say("/deals", '{"deals": [1]}')
    server.say("/metrics", "# TYPE requests_total counter\nrequests_total 1\n", kind="text/plain")
    lines = f'{FORM}ready = {{ path = "/ready" }}\nmetrics = {{ path = "/metrics", requests = "requests_total" }}\n'
    service = replace(declared(lines, server.address, THE_PASSWORD=PASSWORD), traffic="ours")
    read_page = PageRead(service="web", path="/depth", json="$.depth")
    table = SignalTable.model_validate({"read": {"service": "web"}, "high": "> 1", "as": "increase"})
    service = replace(service, signals={"a.b": Signal("a.b", table, read_page)})
    meter = Meter([service], 0.0)
    for _ in range(2):
        noun = Http(service, meter.measure()["web"])
        assert noun.latency("deals").again().value > 0
        assert noun.get("/health").at("$.depth").value == 3
    assert {path for _, path in server.methods} == {"/auth/token", "/health", "/ready", "/deals", "/metrics", "/depth"}
    others = [(method, path) for method, path in server.methods if method != "GET"]
    assert others == [("POST", "/auth/token")] * 2


def test_two_logins_at_one_address_stay_two(declared, fastapi):
    ours, theirs = (declared(FORM, fastapi.address, THE_PASSWORD=one) for one in (PASSWORD, "another-password"))
    noun, _ = read(ours)
    read(theirs)
    assert noun.get("/deals").at("$.deals[0]").value == 1


def test_a_header_and_its_prefix_can_be_said(declared, server):
    server.say("/auth/token", '{"access_token": "a-token-that-nobody-may-see"}')
    lines = FORM.replace('token = "', 'header = "X-Session", prefix = "", token = "')
    read(declared(lines, server.address, THE_PASSWORD=PASSWORD))
    assert server.asked[1][1]["X-Session"] == "a-token-that-nobody-may-see"
    assert "Authorization" not in server.asked[1][1]


def test_a_login_has_headers_of_its_own(declared, server):
    lines = FORM.replace(
        'token = "', 'headers = { Authorization = { env = "THE_CLIENT", prefix = "Basic " } }, token = "'
    )
    read(declared(lines, server.address, THE_PASSWORD=PASSWORD, THE_CLIENT="c2hvcDpzM2NyZXQ="))
    sent = [headers.get("Authorization") for _, headers, _ in server.asked]
    assert sent == ["Basic c2hvcDpzM2NyZXQ=", None]


@pytest.mark.parametrize(
    ("status", "body", "value", "reason"),
    [
        (503, "no database", False, "/auth/token answered 503: no database"),
        (429, "slowly", None, "/auth/token answered 429: slowly"),
        (200, '{"token": "s0mething-else"}', None, "/auth/token answered 200, and has no text at $.access_token"),
        (200, '{"access_token": 17}', None, "and has no text at $.access_token"),
        (200, "<html>", None, "and has no text at $.access_token"),
        (302, "", None, "/auth/token answered 302"),
    ],
)
def test_a_login_that_gives_nothing_is_the_reason_of_what_is_refused_then(
    status, body, value, reason, declared, server
):
    server.say("/health", '{"status": "ok"}')
    server.say("/deals", "who are you?", status=401)
    server.say("/auth/token", body, status=status)
    noun, _ = read(declared(FORM, server.address, THE_PASSWORD=PASSWORD))
    assert noun.answers().value is True
    assert noun.serves("deals").value is value
    assert reason in noun.serves("deals").reason
    assert "s0mething-else" not in noun.serves("deals").reason


def test_what_needs_no_login_is_judged_without_one(declared, server):
    server.say("/health", '{"status": "ok"}')
    server.say("/deals", '{"deals": [1]}')
    noun, _ = read(declared(FORM, server.address, THE_PASSWORD=PASSWORD))
    assert noun.serves("deals").value is True


def test_a_login_that_hangs_is_the_reason_why_nothing_else_is_asked(declared, server):
    server.say("/health", '{"status": "ok"}')
    server.say("/deals", "who are you?", status=401)
    server.hangs = {"/auth/token"}
    noun, _ = read(
        declared(FORM.replace("token = ", 'deadline = "1s", token = '), server.address, THE_PASSWORD=PASSWORD)
    )
    assert noun.answers().value is True, "that is asked nevertheless"
    assert noun.serves("deals").value is None
    assert noun.serves("deals").reason == (
        "/deals: not asked: /auth/token: no answer within 1 s, and what hangs is left alone"
    )
    assert server.paths() == ["/auth/token", "/health"]
