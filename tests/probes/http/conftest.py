"""What answers for the tests of HTTP: applications of real frameworks, and a stand-in that sends what it is told."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from drillbook.system.library import Library
from drillbook.system.target import load_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = """
[system]
name = "shop"
[environments.local]
kind = "local"
[services.web]
kind = "http"
url = { env = "SHOP_URL" }
samples = 1
"""


@pytest.fixture(scope="session")
def declared(tmp_path_factory, pytestconfig):
    """Makes the service `web` of a system file from the lines of its table, its address and other variables."""
    root = tmp_path_factory.mktemp("declared")
    (root / "systems" / "shop").mkdir(parents=True)
    (root / "systems" / "house.toml").symlink_to(pytestconfig.rootpath / "systems" / "house.toml")

    def make(lines: str, address: str, **environ: str) -> Any:
        (root / "systems" / "shop" / "system.toml").write_text(HEAD + lines)
        return load_target("shop@local", Library(root, {"SHOP_URL": address, **environ})).services["web"]

    return make


@dataclass
class Stranger:
    """A server that answers each path with a status, a content type and a body, and remembers what it was asked."""

    address: str = ""
    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    methods: list[tuple[str, str]] = field(default_factory=list)
    otherwise: int = 404
    body: str = "no such page"
    hangs: set[str] = field(default_factory=set)
    hangs_after: dict[str, str] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)

    def say(self, path: str, body: str, *, status: int = 200, kind: str = "application/json") -> None:
        self.answers[path] = (status, kind, body.encode())

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    """Answers as its server was told."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        told = self.server.told
        length = int(self.headers.get("Content-Length", 0))
        told.methods.append((self.command, self.path))
        told.asked.append((self.path, dict(self.headers), self.rfile.read(length)))
        told.hangs |= {told.hangs_after[self.path]} if self.path in told.hangs_after else set()
        if self.path in told.hangs or "*" in told.hangs:
            told.released.wait(60)
            return
        status, kind, body = told.answers.get(self.path, (told.otherwise, "text/plain", told.body.encode()))
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815  # as they are called

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def server():
    """A server that says what it is told."""
    with threaded(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as http:
        http.daemon_threads = True
        http.told = Stranger(f"http://127.0.0.1:{http.server_port}")
        yield http.told
        http.told.released.set()


@contextmanager
def threaded(http: Any) -> Iterator[Any]:
    """Serves in a thread of its own."""
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield http
    http.shutdown()
    thread.join()
    http.server_close()


@dataclass(frozen=True)
class Application:
    """An application of a real framework; one part of it is ill while `ill()` lasts."""

    address: str
    ill: Callable[[], Any]


@pytest.fixture(scope="module")  # its loop sleeps, which other tests count
def fastapi(until):
    """FastAPI: its health answers 503 with what HTTPException makes of it, and /deals wants a token."""
    import uvicorn
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

    app, ill = FastAPI(), threading.Event()
    token = OAuth2PasswordBearer(tokenUrl="/auth/token")

    @app.get("/health")
    async def health():
        told = {"status": "degraded" if ill.is_set() else "ok", "db": "up", "redis": "down" if ill.is_set() else "up"}
        if ill.is_set():
            raise HTTPException(503, detail=told)
        return told

    @app.post("/auth/token")
    async def log_in(form: Any = Depends(OAuth2PasswordRequestForm)):  # noqa: B008
        if (form.username, form.password) != ("checker", "s3cret-of-the-checker"):
            raise HTTPException(401, "Incorrect username or password")
        return {"access_token": "t0ken-of-the-checker", "token_type": "bearer"}

    @app.get("/deals")
    async def deals(given: str = Depends(token)):
        if given != "t0ken-of-the-checker":
            raise HTTPException(401, "Not authenticated")
        return {"deals": [1]}

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Application(f"http://127.0.0.1:{port}", _while_set(ill))
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def django():
    """Django with django-health-check, as its documentation sets it up; ill where its cache is not reached."""
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    import django
    from django.conf import settings

    if not settings.configured:  # Django is set up once in a process, for whichever tests come first
        settings.configure(
            ALLOWED_HOSTS=["*"],
            SECRET_KEY="no secret at all",
            ROOT_URLCONF="",
            INSTALLED_APPS=["health_check"],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        )
        django.setup()
    logging.getLogger("django").setLevel(logging.CRITICAL)
    logging.getLogger("health_check").setLevel(logging.CRITICAL)
    from django.core.cache.backends.locmem import LocMemCache
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import path
    from health_check.views import HealthCheckView

    class Urls:
        urlpatterns = (path("ht/", HealthCheckView.as_view(checks=["health_check.Cache", "health_check.Database"])),)

    settings.ROOT_URLCONF = Urls
    http = WSGIServer(("127.0.0.1", 0), type("Quiet", (WSGIRequestHandler,), {"log_message": lambda *_: None}))
    http.set_app(WSGIHandler())
    with threaded(http):
        ill = lambda: mock.patch.multiple(LocMemCache, set=_refused, get=_refused)  # noqa: E731
        yield Application(f"http://127.0.0.1:{http.server_port}", ill)


@pytest.fixture(scope="session")
def flask():
    """Flask: text, as an application writes it by hand, with 200 whatever it says; and a login that sets a cookie."""
    from flask import Flask, abort, jsonify, request, session
    from werkzeug.serving import make_server

    app, ill = Flask("shop"), threading.Event()
    app.secret_key = "no secret at all"

    @app.get("/health")
    def health():
        return "Internal error: database gone" if ill.is_set() else "ok\n"

    @app.post("/session")
    def log_in():
        if request.get_json()["password"] != "s3cret-of-the-checker":
            abort(403)
        session["user"] = "checker"
        return "", 204

    @app.get("/deals")
    def deals():
        return jsonify(deals=[1]) if session.get("user") else abort(401)

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    with threaded(make_server("127.0.0.1", 0, app)) as http:
        yield Application(f"http://127.0.0.1:{http.server_port}", _while_set(ill))


def _while_set(event: threading.Event) -> Callable[[], Any]:
    @contextmanager
    def ill() -> Iterator[None]:
        event.set()
        yield
        event.clear()

    return ill


def _refused(*_: Any, **__: Any) -> None:
    raise ConnectionError("refused")
