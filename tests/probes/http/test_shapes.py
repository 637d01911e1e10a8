"""Health pages as they are in the wild: each can be declared, and what turns red is the part that is ill, and no other.

Frameworks that Python has are asked themselves; for the others a server sends the body that their documentation shows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import measure


@dataclass(frozen=True)
class Shape:
    """How a page is declared, what it answers while well and while one part is ill, and what turns red then."""

    declared: str
    well: tuple[int, str]
    ill: tuple[int, str]
    red: tuple[str, ...]
    path: str = "/health"


def actuator(redis: str) -> str:
    """Spring Boot's, with details shown."""
    components = {
        "db": {"status": "UP", "details": {"database": "PostgreSQL", "validationQuery": "isValid()"}},
        "diskSpace": {"status": "UP", "details": {"total": 62725623808, "free": 31222, "threshold": 10485760}},
        "ping": {"status": "UP"},
        "redis": {"status": redis, "details": {"version": "7.2.4"} if redis == "UP" else {"error": "RedisConnection…"}},
    }
    return json.dumps({"status": redis, "components": components, "groups": ["liveness", "readiness"]})


def aspnet(redis: str) -> str:
    """ASP.NET Core's, as HealthChecks.UI.Client writes it."""
    entry = {"data": {}, "duration": "00:00:00.0045", "tags": ["ready"]}
    entries = {"npgsql": {**entry, "status": "Healthy"}, "redis": {**entry, "status": redis, "exception": "…"}}
    return json.dumps({"status": redis, "totalDuration": "00:00:00.0512", "entries": entries})


def draft(redis: str) -> str:
    """application/health+json, as the Internet-Draft has it."""
    nodes = ({"componentId": f"dfd6cf2{one}", "observedValue": 250} for one in "bc")
    checks = {
        "cassandra:responseTime": [one | {"status": said} for one, said in zip(nodes, ("pass", "warn"), strict=True)],
        "redis:connections": [{"componentId": "f03e522f", "observedValue": 75, "status": redis}],
        "uptime": [{"componentType": "system", "observedValue": 1209600.245, "observedUnit": "s", "status": "pass"}],
    }
    return json.dumps({"status": redis, "version": "1", "releaseId": "1.2.2", "notes": [""], "checks": checks})


def terminus(redis: str) -> str:
    """NestJS Terminus': what is ill moves from `info` to `error`, and is in `details` always."""
    of = {"db": {"status": "up"}, "redis": {"status": redis}}
    up = {name: one for name, one in of.items() if one["status"] == "up"}
    down = {name: one for name, one in of.items() if name not in up}
    return json.dumps({"status": "error" if down else "ok", "info": up, "error": down, "details": of})


def readyz(etcd: str, last: str) -> str:
    """Kubernetes' /readyz?verbose."""
    lines = ("[+]ping ok", "[+]log ok", etcd, "[+]etcd-readiness ok", "[+]poststarthook/rbac/bootstrap-roles ok")
    return "\n".join([*lines, f"readyz check {last}", ""])


STATUS_PAGE = """<!DOCTYPE html>
<html><head><title>Shop status</title></head><body><h1>{}</h1><ul>
<li>Cache: {}</li>
<li>Database: operational</li>
</ul></body></html>
"""
RAILS = '<!DOCTYPE html><html><body style="background-color: {}"></body></html>'
GROUPS = (
    '{{"groups": [[{{"name": "db", "ok": true}}], [{{"name": "redis", "ok": {}}}, {{"name": "mail", "ok": true}}]]}}'
)
SHAPES = {
    "Spring actuator": Shape(
        """
[services.web.health]
path = "/actuator/health"
up = "$.status == 'UP'"
parts = { db = "$.components.db.status == 'UP'", redis = "$.components.redis.status == 'UP'" }
""",
        (200, actuator("UP")),
        (503, actuator("DOWN")),
        ("healthy", "redis"),
        "/actuator/health",
    ),
    "ASP.NET": Shape(
        """
[services.web.health]
path = "/health"
up = "$.status in ['Healthy', 'Degraded']"
parts = { db = "$.entries.npgsql.status == 'Healthy'", redis = "$.entries.redis.status == 'Healthy'" }
""",
        (200, aspnet("Healthy")),
        (503, aspnet("Unhealthy")),
        ("healthy", "redis"),
    ),
    "Spring, all of its components": Shape(
        """
[services.web.health]
path = "/health"
up = "$.components.*.status == 'UP'"
parts = { db = "$.components.db.status == 'UP'", redis = "$.components.redis.status == 'UP'" }
""",
        (200, actuator("UP")),
        (503, actuator("DOWN")),
        ("healthy", "redis"),
    ),
    "a page for people": Shape(
        """
[services.web.health]
path = "/status"
says = "*All systems operational*"
parts.redis = { line = "<li>Cache", says = "*operational*" }
parts.db = { line = "<li>Database", says = "*operational*" }
""",
        (200, STATUS_PAGE.format("All systems operational", "operational")),
        (200, STATUS_PAGE.format("Partial outage", "down")),
        ("healthy", "redis"),
        "/status",
    ),
    "health+json": Shape(
        """
[services.web.health]
path = "/health"
expect = "2xx"
up = "$.status in ['pass', 'warn']"
parts.redis = "$.checks['redis:connections'][0].status == 'pass'"
parts.db = "$.checks['cassandra:responseTime'][*].status in ['pass', 'warn']"
""",
        (200, draft("pass")),
        (207, draft("warn")),
        ("redis",),
    ),
    "NestJS Terminus": Shape(
        """
[services.web.health]
path = "/health"
up = "$.status == 'ok'"
parts = { db = "$.details.db.status == 'up'", redis = "$.details.redis.status == 'up'" }
""",
        (200, terminus("up")),
        (503, terminus("down")),
        ("healthy", "redis"),
    ),
    "Rails": Shape(
        'health = { path = "/up", says = "*background-color: green*" }',
        (200, RAILS.format("green")),
        (500, RAILS.format("red")),
        ("up", "healthy"),
        "/up",
    ),
    "Rails, as a part": Shape(
        'health = { path = "/up", parts.app = { line = "background-color", says = "*: green*" } }',
        (200, RAILS.format("green")),
        (500, RAILS.format("red")),
        ("healthy", "app"),
        "/up",
    ),
    "Kubernetes": Shape(
        """
[services.web.health]
path = "/readyz?verbose"
says = "*readyz check passed"
parts = { etcd = { line = "]etcd ", says = "[+]*" }, ping = { line = "]ping ", says = "[+]*" } }
""",
        (200, readyz("[+]etcd ok", "passed")),
        (500, readyz("[-]etcd failed: reason withheld", "failed")),
        ("healthy", "etcd"),
        "/readyz?verbose",
    ),
    "nested lists": Shape(
        """
[services.web.health]
path = "/health"
parts = { db = "$.groups[*][?@.name == 'db'].ok", redis = "$.groups[*][?@.name == 'redis'].ok" }
""",
        (200, GROUPS.format("true")),
        (200, GROUPS.format("false")),
        ("redis",),
    ),
    "booleans": Shape(
        """
[services.web.health]
path = "/health"
up = "$.ok == true"
parts = { db = "$.db", redis = "$.redis == true" }
""",
        (200, '{"ok": true, "db": true, "redis": true}'),
        (200, '{"ok": true, "db": true, "redis": false}'),
        ("redis",),
    ),
    "numbers": Shape(
        """
[services.web.health]
path = "/health"
up = "$.errors == 0"
parts = { queue = "$.queue.waiting < 100", disk = "$.disk['free %'] >= 5.5" }
""",
        (200, '{"errors": 0, "queue": {"waiting": 3}, "disk": {"free %": 40}}'),
        (207, '{"errors": 0, "queue": {"waiting": 101}, "disk": {"free %": 40}}'),
        ("healthy", "queue"),
    ),
    "names with dots and blanks": Shape(
        """
[services.web.health]
path = "/health"
parts.cache = "$['Cache backend: default'] == 'working'"
parts.db = "$['db.main'] != 'unavailable'"
""",
        (200, '{"Cache backend: default": "working", "db.main": "working"}'),
        (500, '{"Cache backend: default": "unavailable: Cache Service", "db.main": "working"}'),
        ("healthy", "cache"),
    ),
}
FRAMEWORKS = {
    "fastapi": (
        """
[services.web.health]
path = "/health"
up = "$..status == 'ok'"
parts = { db = "$..db == 'up'", redis = "$..redis == 'up'" }
""",
        ("healthy", "redis"),
    ),
    "django": (
        """
[services.web.health]
path = "/ht/"
headers = { Accept = "application/json" }
parts.cache = "$[\\"Cache(alias='default')\\"] == 'OK'"
parts.db = "$[\\"Database(alias='default')\\"] == 'OK'"
""",
        ("healthy", "cache"),
    ),
    "flask": ('health = { path = "/health", says = "ok" }', ("healthy",)),
}


def asked(service):
    """What the checks ask of a service, read once from it: each answer by its name."""
    noun = Http(service, measure([service], 0.0)[service.name])
    parts = {name: noun.part(name) for name in noun.parts}
    endpoints = {name: noun.serves(name) for name in noun.endpoints}
    return {"up": noun.answers(), "healthy": noun.healthy(), **parts, **endpoints}


def red(answers):
    """The names of those that are no; everything else must be yes."""
    assert None not in {one.value for one in answers.values()}, answers
    return {name for name, one in answers.items() if not one.value}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_can_be_said_and_turns_red_where_the_part_is_ill(name, declared, server):
    shape = SHAPES[name]
    service = declared(shape.declared, server.address)
    server.say(shape.path, shape.well[1], status=shape.well[0])
    assert red(asked(service)) == set()
    server.say(shape.path, shape.ill[1], status=shape.ill[0])
    if "up" in shape.red:
        assert asked(service)["up"].value is False
    else:
        assert red(asked(service)) == {*shape.red}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_is_understood_and_turns_red_where_its_part_is_ill(name, declared, request):
    application = request.getfixturevalue(name)
    lines, ill = FRAMEWORKS[name]
    service = declared(lines, application.address)
    assert red(asked(service)) == set()
    with application.ill():
        assert red(asked(service)) == {*ill}
