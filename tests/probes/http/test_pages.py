"""How pages are asked: with headers of their own, once where two are one, and again where something timed out."""

from __future__ import annotations

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import cost, measure

WELL = '{"status": "ok", "db": "up", "scheduler": {"running": true}}'


def read(service):
    readings = measure([service], 0.0)[service.name]
    return Http(service, readings), readings


def headers(server, path, name):
    return {sent.get(name) for asked, sent, _ in server.asked if asked == path}


def test_a_page_that_is_health_and_readiness_is_asked_once(declared, server):
    server.say("/health", WELL)
    lines = (
        'health = { path = "/health", up = "$.status == \'ok\'" }\nready = { path = "/health", up = "$.db == \'up\'" }'
    )
    service = declared(lines, server.address)
    noun, readings = read(service)
    assert server.paths() == ["/health"]
    assert readings.asked == cost(service) == 1
    assert noun.ready().value is noun.healthy().value is True
    server.say("/health", '{"status": "ok", "db": "down"}')
    noun, _ = read(service)
    assert (noun.answers().value, noun.healthy().value, noun.ready().value) == (True, True, False)


def test_pages_that_are_asked_with_other_headers_are_two(declared, server):
    server.say("/health", WELL)
    lines = 'health = { path = "/health" }\nready = { path = "/health", headers = { Accept = "text/plain" } }'
    service = declared(lines, server.address)
    read(service)
    assert server.paths() == ["/health", "/health"]
    assert cost(service) == 2


def test_a_pages_own_headers_go_to_that_page_only(declared, server):
    for path in ("/health", "/items", "/metrics"):
        server.say(path, "{}")
    lines = """
headers = { X-Forwarded-Proto = "https", authorization = { env = "THE_VISITOR", prefix = "Bearer " } }
health = { path = "/health" }
endpoints.items = { path = "/items" }
metrics = { path = "/metrics", headers = { Authorization = { env = "THE_ADMIN" } } }
"""
    service = declared(lines, server.address, THE_VISITOR="v1sitor-token", THE_ADMIN="adm1n-token")
    read(service)
    assert (
        headers(server, "/health", "authorization")
        == headers(server, "/items", "authorization")
        == {"Bearer v1sitor-token"}
    )
    assert headers(server, "/metrics", "Authorization") == {"adm1n-token"}
    assert headers(server, "/metrics", "authorization") == {None}
    assert (
        headers(server, "/metrics", "X-Forwarded-Proto") == headers(server, "/items", "X-Forwarded-Proto") == {"https"}
    )
    assert "adm1n-token" not in repr(service)


def test_a_login_that_a_page_has_of_its_own_is_the_one_to_look_at(declared, server):
    server.say("/health", "who are you?", status=401)
    lines = """
headers = { Authorization = { env = "THE_VISITOR" } }
health = { path = "/health", headers = { Authorization = { env = "THE_ADMIN" } } }
"""
    noun, _ = read(declared(lines, server.address, THE_VISITOR="v1sitor-token", THE_ADMIN="adm1n-token"))
    assert noun.answers().value is None
    assert noun.answers().reason.endswith("check $THE_ADMIN")


def test_a_page_has_a_deadline_and_samples_of_its_own(declared, server):
    server.hangs = {"/items"}
    server.say("/health", "{}")
    server.say("/slow", "{}")
    lines = """
deadline = "20s"
health = { path = "/health" }
endpoints.items = { path = "/items", deadline = "1s" }
endpoints.slow = { path = "/slow", samples = 4 }
"""
    service = declared(lines, server.address)
    noun, _ = read(service)
    assert noun.serves("items").reason == "/items: no answer within 1 s"
    assert server.paths().count("/slow") == 1, "what is asked beside a page that hangs is not repeated"
    server.hangs = set()
    read(service)
    assert server.paths().count("/slow") == 1 + 4
    assert cost(service) == 1 + 1 + 4


@pytest.mark.parametrize("then", ["/items", "/metrics"])
def test_health_that_hangs_after_it_was_read_is_not_up(then, declared, server):
    """As a process does that the run's own next request freezes."""
    server.say("/health", WELL)
    server.say("/metrics", "{}")
    server.say("/items", "{}")
    server.hangs_after = {then: "*"}
    lines = """
health = { path = "/health", up = "$.status == 'ok'", deadline = "1s" }
endpoints.items = { path = "/items", deadline = "1s" }
metrics = { path = "/metrics", deadline = "1s", requests = "requests_total" }
"""
    noun, readings = read(declared(lines, server.address))
    assert noun.answers().value is False
    assert noun.answers().reason == "/health: no answer within 1 s"
    assert noun.healthy().reason.startswith("api.up is red")
    assert readings.asked == len(server.paths())


def test_metrics_that_hang_from_the_beginning_are_counted_as_they_are_asked(declared, server):
    server.say("/health", WELL)
    server.hangs = {"/metrics"}
    health = 'health = { path = "/health", up = "$.status == \'ok\'" }'
    metrics = 'metrics = { path = "/metrics", deadline = "1s", requests = "requests_total" }'
    _, readings = read(declared(f"{health}\n{metrics}", server.address))
    assert readings.asked == len(server.paths()) == 3


def test_what_hangs_alone_takes_nothing_with_it(declared, server):
    server.say("/health", WELL)
    server.hangs = {"/items"}
    health = 'health = { path = "/health", up = "$.status == \'ok\'" }'
    lines = f'{health}\nendpoints.items = {{ path = "/items", deadline = "1s" }}'
    noun, _ = read(declared(lines, server.address))
    assert (noun.answers().value, noun.healthy().value, noun.serves("items").value) == (True, True, False)
    assert server.paths() == ["/health", "/items", "/health"]


def test_a_part_that_changes_its_shape_is_unknown_alone(declared, server):
    server.say("/health", '{"status": "ok", "db": "up", "scheduler": {"state": 1}}', status=503)
    server.say("/items", "{}")
    lines = """
endpoints.items = { path = "/items" }
[services.web.health]
path = "/health"
up = "$.status == 'ok'"
parts = { db = "$.db == 'up'", scheduler = "$.scheduler.running" }
"""
    noun, _ = read(declared(lines, server.address))
    assert (noun.answers().value, noun.part("db").value, noun.serves("items").value) == (True, True, True)
    assert noun.healthy().value is False
    assert noun.part("scheduler").value is None
    assert noun.part("scheduler").reason == "/health has no $.scheduler.running ($.scheduler has: state)"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("[-]ping failed\n", "/health has no line with ']etcd ': [-]ping failed"),
        ("[+]etcd ok\n[-]etcd failed\n", "/health has 2 lines with ']etcd '"),
    ],
)
def test_a_line_that_is_not_there_or_twice_is_unknown(body, reason, declared, server):
    server.say("/health", body, kind="text/plain")
    lines = """
[services.web.health]
path = "/health"
parts = { etcd = { line = "]etcd ", says = "[+]*" }, ping = { line = "]ping ", says = "[+]*" } }
"""
    noun, _ = read(declared(lines, server.address))
    assert noun.answers().value is True
    assert noun.part("etcd").value is None
    assert reason in noun.part("etcd").reason


@pytest.mark.parametrize(("said", "value"), [("ok", True), ("all GREEN here", True), ("okay", False), ("", False)])
def test_several_texts_may_be_right(declared, server, said, value):
    server.say("/health", said, kind="text/plain")
    noun, _ = read(declared('health = { path = "/health", says = ["ok", "*GREEN*"] }', server.address))
    assert noun.healthy().value is value


@pytest.mark.parametrize(("status", "value"), [(200, False), (201, True), (404, True), (410, False), (500, False)])
def test_several_statuses_of_an_endpoint_may_be_right(declared, server, status, value):
    server.say("/health", "{}")
    server.say("/items", "{}", status=status)
    lines = 'health = { path = "/health" }\nendpoints.items = { path = "/items", expect = [201, 404] }'
    noun, _ = read(declared(lines, server.address))
    assert noun.serves("items").value is value


def test_a_text_that_is_503_has_the_next_step_in_its_reason_and_that_step_helps(declared, server):
    server.say("/health", "not ready: no database", status=503, kind="text/plain")
    noun, _ = read(declared('health = { path = "/health", says = "ok" }', server.address))
    assert noun.answers().value is False
    assert noun.answers().reason == (
        "/health answered 503: not ready: no database: if that is its own word, write expect = [200, 503]"
    )
    noun, _ = read(declared('health = { path = "/health", says = "ok", expect = [200, 503] }', server.address))
    assert noun.answers().value is True
    assert (noun.healthy().value, noun.healthy().reason) == (False, "/health says: not ready: no database")


@pytest.mark.parametrize("body", ["", "<!DOCTYPE html><html><title>503 Service Unavailable</title></html>"])
def test_a_page_of_a_proxys_own_has_none(declared, server, body):
    server.say("/health", body, status=503, kind="text/html")
    noun, _ = read(declared('health = { path = "/health", says = "ok" }', server.address))
    assert noun.answers().value is False
    assert "expect" not in noun.answers().reason
