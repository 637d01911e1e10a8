"""What tests of `drillbook init` share: the health pages of the wild, what answers with them, and the command."""

from __future__ import annotations

import importlib.util
import ssl
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from drillbook.init.start import init
from drillbook.init.wanted import Wanted
from drillbook.system.library import Library
from drillbook.system.target import load_target

TESTS = Path(__file__).parents[1]


def module(path: str):
    """A module of other tests: files of tests are no package that could be imported from."""
    name = path.replace("/", "_")
    spec = importlib.util.spec_from_file_location(f"init_tests_{name}", TESTS / f"{path}.py")
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


http, wild, probes = module("probes/http/conftest"), module("probes/http/test_shapes"), module("probes/conftest")
server, fastapi, django, flask = http.server, http.fastapi, http.django, http.flask
real = module("probes/http/test_real_frameworks")
document = module("own/conftest").document
until, a_port, a_service, serve = probes.until, probes.a_port, probes.a_service, real.serve
start_container = probes.start_container


@pytest.fixture
def shapes():
    """The health pages of the wild, by name."""
    return wild.SHAPES


@pytest.fixture
def red():
    """What the checks find red of a service, by name: all else is well, or not to be told because it is down."""

    def names(service) -> set[str]:
        answers = wild.asked(service)
        return wild.red(answers) if answers["up"].value else {name for name, one in answers.items() if not one.value}

    return names


@pytest.fixture
def exporter(serve):
    """Starts an application with a real exporter; gives its address, and has users visit it, some of them in vain."""

    def start(application):
        server = real.GUNICORN if application == "client" else real.UVICORN
        _, address = serve(application, *server)

        def visit():
            with real.visited(address) as visit:
                assert all(visit())

        return address, visit

    return start


@pytest.fixture
def by_tls(server, tmp_path):
    """The address of a service that is well and asked by TLS, and the trust that its certificate needs."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server.say("/health", '{"status": "ok"}')
    secure = ThreadingHTTPServer(("127.0.0.1", 0), http.Handler)
    secure.socket, secure.told = context.wrap_socket(secure.socket, server_side=True), server
    with http.threaded(secure):
        yield f"https://127.0.0.1:{secure.server_port}", ssl.create_default_context(cafile=tmp_path / "ca.pem")


class Started:
    """A project in which `drillbook init` is called, without a terminal; `said` is all that it said."""

    def __init__(self, project, **environ: str) -> None:
        self.project, self.said = project, list[str]()
        self.library = Library(project.root, environ)

    def init(self, url: str, name: str | None = "shop", *, ask=lambda _, default: default, **more) -> str:
        """The text of the file that is written."""
        init(self.library, Wanted(url, name, **more), self.said.append, ask)
        return (self.project.root / "systems" / (name or "shop") / "system.toml").read_text()

    def again(self, url: str) -> str:
        """As `init`, once the file is removed."""
        (self.project.root / "systems" / "shop" / "system.toml").unlink()
        return self.init(url)

    def target(self, environment: str = "local", **environ: str):
        """The target that the file makes, with these variables."""
        return load_target(f"shop@{environment}", Library(self.project.root, environ))

    def service(self, url: str):
        """The service at the address, as the file has it."""
        return self.target(SHOP_URL=url, **dict.fromkeys(("SHOP_PG", "SHOP_REDIS"), "redis://x")).services["web"]


@pytest.fixture
def started(project):
    """A project in which `drillbook init` is called."""
    return Started(project)


@pytest.fixture
def make_started(project):
    """Makes one whose variables are these."""
    return lambda **environ: Started(project, **environ)
