"""Health pages of the wild: what is written of each is green while all is well, and red where a part is ill."""

from __future__ import annotations

import json

import pytest

# What turns red where a part is ill, by what is written of each page.
SHAPES = {
    "Spring actuator": {"healthy", "redis"},
    "ASP.NET": {"healthy", "redis"},
    "health+json": {"redis-connections"},
    "NestJS Terminus": {"healthy", "redis"},
    "Rails": {"up", "healthy"},
    "Kubernetes": {"healthy", "etcd"},
    "nested lists": {"redis"},
    "booleans": {"redis"},
    "names with dots and blanks": {"healthy", "cache"},
    "a page for people": {"healthy", "cache"},
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_written_of_a_page_turns_red_where_the_part_is_ill(name, shapes, server, started, red):
    shape = shapes[name]
    server.say(shape.path, shape.well[1], status=shape.well[0])
    text = started.init(server.address)
    service = started.service(server.address)
    assert red(service) == set(), text
    server.say(shape.path, shape.ill[1], status=shape.ill[0])
    assert red(service) == SHAPES[name], text


FRAMEWORKS = {
    "fastapi": {"healthy", "redis"},
    "django": {"healthy", "cache"},
    "flask": {"healthy"},
}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_is_recognised_and_its_part_turns_red(name, request, started, red):
    application = request.getfixturevalue(name)
    text = started.init(application.address)
    service = started.service(application.address)
    assert red(service) == set(), text
    with application.ill():
        assert red(service) == FRAMEWORKS[name], text


def page(redis, **more):
    return json.dumps({"status": "ok" if redis == "up" else "degraded", "db": "up", "redis": redis, **more})


def test_a_page_that_is_503_with_its_parts_while_it_is_looked_at_is_red_until_they_are_well(server, started, red):
    server.say("/health", page("down"), status=503)
    text = started.init(server.address)
    assert "# Not well now: the whole, redis." in text
    service = started.service(server.address)
    assert red(service) == {"healthy", "redis"}
    server.say("/health", page("up"))
    assert red(service) == set()


@pytest.mark.parametrize(("usual", "expected"), [(207, {"redis"}), (200, {"healthy", "redis"})])
def test_of_a_page_of_several_statuses_the_ill_part_is_red(server, started, red, usual, expected):
    """207 says that there are several statuses below: some send it always, some where they are not all alike."""
    checks = {"db": {"status": "UP"}, "redis": {"status": "UP"}}
    server.say("/health", json.dumps({"checks": checks}), status=usual)
    started.init(server.address)
    service = started.service(server.address)
    assert red(service) == set()
    server.say("/health", json.dumps({"checks": checks | {"redis": {"status": "DOWN"}}}), status=207)
    assert red(service) == expected


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("ok\n", 'says = "ok"'),
        ("Healthy", 'says = ["Healthy", "Degraded"]'),
        ("Unhealthy", 'says = ["Healthy", "Degraded"]'),
        ('"UP"', "up = \"$ == 'UP'\""),
        ("true", 'up = "$ == true"'),
        ('[{"name": "redis", "state": "running"}]', "redis = \"$[?@.name == 'redis'].state == 'running'\""),
        ('{"status": "degraded"}', "up = \"$.status in ['healthy', 'ok', 'up']\""),
        ('{"status": "ok", "log_level": "error"}', "right: $.log_level."),
        ('{"status": "ok", "maintenance": true, "redis": false}', "right: $.maintenance, $.redis."),
        ('{"status": "ok", "it\'s": {"ok": true}}', 's = "$[\\"it\'s\\"].ok == true"'),
        ('{"data": {"status": "ok", "checks": {"db": {"ok": true}}}}', 'db = "$.data.checks.db.ok == true"'),
        ('{"results": [{"checker": "redis_available", "passed": true}]}', ".passed == true"),
        ('{"checks": [{"db": "ok"}, {"redis": "ok"}]}', "redis = \"$.checks[*].redis == 'ok'\""),
        ('{"checks": [{"db": {"ok": true}}, {"redis": {"ok": true}}]}', 'redis = "$.checks[*].redis.ok == true"'),
        (
            '{"groups": [{"items": [{"name": "db", "ok": true}]}, {"items": [{"name": "redis", "ok": true}]}]}',
            "redis = \"$.groups[*].items[?@.name == 'redis'].ok == true\"",
        ),
        (
            '[{"name": "db", "state": "up"}, {"name": "geo", "state": "slow"}]',
            "db = \"$[?@.name == 'db'].state == 'up'\"",
        ),
        ('[{"name": "db", "state": "up"}, {"name": "geo", "state": "slow"}]', "right: $[?@.name == 'geo'].state."),
        ('{"status": "ok", "checks": {"geo": {"status": "slow"}}}', "right: $.checks.geo.status."),
        ('{"db": "up", "redis": "Unavailable: no route"}', "redis = \"$.redis in ['Available', 'Ok', 'up']\""),
        ('{"status": "ok", "redis": "ok (3 ms)"}', "right: $.redis."),
        ('{"status": "ok", "latency": "ok"}', "latency-2 = \"$.latency == 'ok'\""),
        ('{"db": "ok", "DB": "ok"}', "db-2 = \"$.DB == 'ok'\""),
        ("[+]a ok\n[-]A failed\nreadyz check failed\n", 'a-2 = { line = "]A ", says = "[+]*" }'),
        ("", "Nothing in it is known to say how anything is: its status alone is judged."),
        ("build 4711, since Tuesday", "What is right in its text is not known"),
    ],
)
def test_what_a_page_says_is_taken_for_what_it_is(server, started, said, lines):
    server.say("/health", said, kind="text/plain")
    assert lines in started.init(server.address)


def test_a_word_for_ill_that_has_several_opposites_is_never_right(server, started, red):
    server.say("/health", '{"status": "degraded"}')
    started.init(server.address)
    service = started.service(server.address)
    for said, expected in (("degraded", {"healthy"}), ("down", {"healthy"}), ("ok", set())):
        server.say("/health", json.dumps({"status": said}))
        assert red(service) == expected


def test_of_several_pages_the_one_that_speaks_of_parts_is_taken_and_the_other_says_whether_it_is_ready(server, started):
    server.say("/healthz", "ok", kind="text/plain")
    server.say("/api/health", page("up"))
    server.say("/ready", '{"ready": true}')
    text = started.init(server.address)
    assert 'path = "/api/health"' in text
    assert 'ready = { path = "/ready", up = "$.ready == true" }' in text
    assert "/status" not in server.paths(), "what comes behind the page with parts is not asked"


def test_a_page_that_is_503_and_says_nothing_else_is_judged_by_its_status(server, started):
    server.say("/health", '{"status": "ok"}')
    server.say("/ready", "no database", status=503, kind="text/plain")
    assert 'ready = { path = "/ready" }' in started.init(server.address)


@pytest.mark.parametrize("said", ['{"success": false, "error": "no such route"}', "{}", "no such page"])
def test_what_is_answered_to_whatever_is_asked_is_no_health_page(server, started, said):
    server.otherwise, server.body = 200, said
    assert "# Not found: a health page." in started.init(server.address)
    server.say("/status", '{"success": true}')
    assert 'path = "/status"' in started.again(server.address)


def test_a_service_that_says_ok_to_whatever_is_asked_is_doubted(server, started):
    server.otherwise, server.body = 200, "ok"
    text = started.init(server.address)
    assert 'says = "ok"\n# Whatever path is asked is answered so: is this its health?' in text


def test_a_page_that_one_application_shows_for_whatever_is_asked_is_no_health_page(server, started):
    server.otherwise, server.body = 200, "<!doctype html><html><title>Shop</title><div id=root></div></html>"
    text = started.init(server.address)
    assert "# Not found: a health page. If there is any:" in text
    assert 'home = { path = "/" }' in text
    assert started.said[0].endswith(" of 200): whatever is asked"), "no page is listed as if it were one"
    assert not [headers for _, headers, _ in server.asked if headers["Accept"] == "application/json"]
