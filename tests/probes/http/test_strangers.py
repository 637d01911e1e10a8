"""A web server's own page is nobody's health: it is asked whether this is really the service."""

from __future__ import annotations

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.http.strangers import whose
from drillbook.probes.measure import measure

NGINX = """<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>html { color-scheme: light dark; }</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and working.</p>
</body>
</html>
"""
NOT_FOUND = (
    "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
)
THEIRS = {
    "nginx": NGINX,
    "nginx's error": NOT_FOUND + "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n",
    "Apache": "<html><body><h1>It works!</h1></body></html>\n",
    "Apache on Debian": "<head>\n<title>Apache2 Debian Default Page: It works</title>\n</head>",
    "OpenResty": "<html><head><title>Welcome to OpenResty!</title></head></html>",
    "Tomcat": "<html><head><title>Apache Tomcat/10.1.16</title></head></html>",
    "Caddy": "<title>Caddy works!</title>",
    "IIS": "<title>IIS Windows Server</title>",
    "lighttpd": "<head><title>Welcome page</title></head>",
}
OURS = ["", "ok", '{"title": "<title>nginx"}', "<html><title>Welcome to the shop!</title><h1>We run nginx</h1></html>"]


def answers(service):
    noun = Http(service, measure([service], 0.0)[service.name])
    return noun.answers(), noun.serves("items")


@pytest.mark.parametrize("name", THEIRS)
def test_a_web_servers_own_page_is_known(name):
    assert whose(THEIRS[name]) == name.split("'")[0].split(" ")[0]


@pytest.mark.parametrize("body", OURS)
def test_anything_else_may_be_anybodys(body):
    assert whose(body) == ""


@pytest.mark.parametrize("health", ['health = { path = "/health" }', 'ready = { path = "/health" }', ""])
def test_a_page_that_is_declared_without_a_condition_is_not_itself_where_a_web_server_answers(health, declared, server):
    for path in ("/health", "/", "/items"):
        server.say(path, NGINX, kind="text/html")
    up, items = answers(declared(f'{health}\nendpoints.items = {{ path = "/items" }}', server.address))
    assert (up.value, items.value) == (None, None)
    assert "answered a page of nginx's own: " in up.reason
    assert up.reason.endswith(("is this really web?", "declare health or ready for web in system.toml"))


def test_an_endpoint_that_a_web_server_answers_is_not_served(declared, server):
    server.say("/health", "{}")
    server.say("/items", NGINX, kind="text/html")
    up, items = answers(
        declared('health = { path = "/health" }\nendpoints.items = { path = "/items" }', server.address)
    )
    assert up.value is True
    assert items.value is None
    assert items.reason == "/items answered a page of nginx's own"


def test_a_service_that_is_declared_to_say_a_text_is_not_a_page_for_people(declared, server):
    server.say("/health", "<!DOCTYPE html><title>Sign in</title>", kind="text/html")
    service = declared(
        'health = { path = "/health", says = "ok" }\nendpoints.items = { path = "/items" }', server.address
    )
    assert answers(service)[0].value is None
    assert "is this really web?" in answers(service)[0].reason
    server.say("/health", "Internal error: database gone", kind="text/plain")
    assert answers(service)[0].value is True
