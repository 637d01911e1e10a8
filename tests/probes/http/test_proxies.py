"""A real proxy: used where the file says so, and told apart from what is behind it; said where it is not used."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from drillbook.probes.http.noun import Http
from drillbook.probes.measure import measure
from drillbook.system.target import Service

HINT = '${} is not used unless the file says proxy = {{ env = "{}" }} for this service'


class Shop(BaseHTTPRequestHandler):
    """Is well, but for /bad."""

    def do_GET(self):
        self.send_response(503 if self.path == "/bad" else 200)
        self.end_headers()
        self.wfile.write(b'{"ok": true}')

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def proxy(a_port, until):
    """The `HOST:PORT` of a proxy that lets in who says `shop:its-password`."""
    port = a_port()
    options = ["--hostname", "127.0.0.1", "--port", str(port), "--num-workers", "1", "--num-acceptors", "1"]
    started = subprocess.Popen([sys.executable, "-m", "proxy", *options, "--basic-auth", "shop:its-password"])

    def is_ready():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(is_ready)
    yield f"127.0.0.1:{port}"
    started.terminate()
    started.wait(30)


@pytest.fixture(scope="module")
def shop():
    """The address of a service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(a_service):
    """The noun, read through a proxy."""

    def read(address, proxy="", path="/health"):
        made = a_service("http", address, health={"path": path}, samples=1, deadline="5s")
        service = Service(made.name, made.declared, address, proxy=proxy)
        return Http(service, measure([service], 0.0)["backend"])

    return read


def test_a_service_is_asked_through_the_proxy_that_the_file_names(ask, proxy, shop):
    found = ask(shop, f"http://shop:its-password@{proxy}")
    assert found.answers().value is True
    assert found.by == f"backend through {proxy}", "it is the proxy that is seen to answer"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_behind_a_proxy_is_down(ask, proxy, a_port, scheme):
    answer = ask(f"{scheme}://127.0.0.1:{a_port()}", f"http://shop:its-password@{proxy}").answers()
    assert (answer.value, answer.reason) == (False, "/health: the proxy says that it reaches nobody there (502)")


def test_a_503_of_the_service_itself_is_the_services(ask, proxy, shop):
    answer = ask(shop, f"http://shop:its-password@{proxy}", path="/bad").answers()
    assert (answer.value, answer.reason) == (False, '/bad answered 503: {"ok": true}')


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_let_us_in_says_nothing_about_the_service(ask, proxy, scheme):
    answer = ask(f"{scheme}://127.0.0.1:1", f"http://shop:another@{proxy}").answers()
    assert answer.value is None
    assert answer.reason == "/health: the proxy refuses our login (407): check services.NAME.proxy"


def test_a_proxy_that_is_not_there_says_nothing_about_the_service(ask, shop, a_port):
    answer = ask(shop, f"http://127.0.0.1:{a_port()}").answers()
    assert answer.value is None
    assert answer.reason == "/health: the proxy, not the service: connection refused: check services.NAME.proxy"


def test_silence_through_a_proxy_may_be_the_proxys(a_service, shop):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        made = a_service("http", shop, health={"path": "/health"}, deadline="500ms")
        service = Service(made.name, made.declared, shop, proxy=f"http://127.0.0.1:{mute.getsockname()[1]}")
        found = Http(service, measure([service], 0.0)["backend"])
    assert found.answers().value is None
    assert "it hangs, or the service behind it" in found.answers().reason
    assert found.readings.asked == 1, "and is left alone as whatever hangs"


@pytest.mark.parametrize(
    ("variable", "scheme"), [("HTTPS_PROXY", "https"), ("http_proxy", "http"), ("ALL_PROXY", "http")]
)
def test_a_proxy_of_the_environment_is_not_used_and_that_is_said(ask, monkeypatch, proxy, variable, scheme):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, f"http://shop:its-password@{proxy}")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: (_ for _ in ()).throw(socket.gaierror(-2, "unknown")))
    answer = ask(f"{scheme}://nowhere.test").answers()
    assert answer.value is None
    assert answer.reason.endswith(HINT.format(variable, variable.upper()))
    assert "its-password" not in answer.reason
    monkeypatch.setenv("NO_PROXY", ".test")
    assert "proxy" not in ask(f"{scheme}://nowhere.test").answers().reason


def test_what_is_near_needs_no_proxy(ask, monkeypatch, a_port):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert ask(f"http://127.0.0.1:{a_port()}").answers().reason == "/health: connection refused"
