"""What the tests of secrets share: forms of addresses, servers that tell of their clients, and a project with both."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
HEAD = '[system]\nname = "canary"\n[environments.local]\nkind = "local"\n'
PATHS = ("json", "text", "cut", "tail", "refuse")
CHECKS = '''
"""Every service is asked, and everything that is known of it is shown."""

import logging
import os
import sys
import warnings
from functools import cache
from pathlib import Path

import pytest

from drillbook.system.library import Library
from drillbook.probes.celery.noun import Queue
from drillbook.probes.host.noun import Host
from drillbook.probes.http.noun import Http
from drillbook.probes.measure import measure
from drillbook.probes.postgres.noun import Postgres
from drillbook.probes.redis.noun import Redis
from drillbook.system.target import load_target

TARGET = load_target("canary@local", Library(Path.cwd()))
ASKED = {
    "http": (Http, {"api.up": "answers", "api.ready": "ready", "api.healthy": "healthy", "api.p95": "p95"}),
    "postgres": (Postgres, {"database.up": "answers", "database.login": "login", "database.size": "size"}),
    "redis": (Redis, {"redis.up": "answers", "redis.ping": "ping", "redis.clients": "clients"}),
    "celery": (Queue, {"queue.depth": "depth", "queue.workers": "workers"}),
    "host": (Host, {"host.up": "answers", "host.memory": "memory_used"}),
}


@cache
def readings():
    return measure(TARGET.services.values(), 0.1)


@pytest.mark.parametrize("name", sorted(TARGET.services))
def test_service(name, judge):
    service = TARGET.services[name]
    noun, asked = ASKED[service.kind]
    for limit, question in asked.items():
        if limit in {one.name for one in TARGET.limits}:
            judge(limit, getattr(noun(service, readings()[name]), question)())


@pytest.fixture(params=["setup", "call", "teardown"])
def when(request):
    everything = {name: value for name, value in os.environ.items() if name.startswith("CANARY_")}
    if request.param == "setup":
        raise RuntimeError(f"setting up with {everything}")
    yield request.param
    assert request.param != "teardown", everything


def test_that_tells(when, record_property, record_testsuite_property):
    everything = {name: value for name, value in os.environ.items() if name.startswith("CANARY_")}
    for name, value in everything.items():
        print("printed", value)
        sys.stderr.write(value)
        logging.getLogger(name).warning("logged %r", value)
        warnings.warn(f"warned of {value}", stacklevel=1)
        record_property(name, value)
    record_testsuite_property("all", str(everything))
    for name, service in TARGET.services.items():
        assert not service.address or "nothing" == (service.address, *service.headers.values()), name


def test_that_skips():
    pytest.skip("because of " + " ".join(value for name, value in os.environ.items() if name.startswith("CANARY_")))
'''


def module(name: str, path: Path):
    """The module at `path`: files of tests are no package that could be imported from."""
    spec = importlib.util.spec_from_file_location(f"secrets_tests_{name}", path)
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


FORMS = module("forms", HERE / "forms.py")
probes = module("probes", TESTS / "probes" / "conftest.py")
start_container, until = probes.start_container, probes.until


@pytest.fixture(scope="session")
def forms():
    """The forms of addresses and headers, and what may not be seen of them."""
    return FORMS


@pytest.fixture(scope="session")
def ports():
    """Where the servers are."""
    with module("servers", HERE / "servers.py").running() as found:
        yield found


@pytest.fixture
def canary_project(project, ports):
    """A project with a service for each form, or one in `every`; `state` says who answers, `real` at which port."""

    def make(state: str = "", *, every: int = 1, **real: int):
        text, environ = HEAD, {}
        for number, form in [*enumerate(FORMS.forms())][::every]:
            variable, who = f"CANARY_{number}", _who(form, state, number)
            text += _table(form, number, variable)
            port = {**ports, **real}[who]
            environ[variable] = form.value("127.0.0.1", port)
            environ[f"{variable}_AT"] = f"http://127.0.0.1:{port}"
        project.write("systems/canary/system.toml", text)
        project.write("checks/test_all.py", CHECKS)
        project.environ |= environ
        return project

    return make


def _who(form, state: str, number: int) -> str:
    """The server that answers: of the kind that tells most, unless `state` says otherwise or it is one in four."""
    telling = {"postgres": "postgres", "redis": "redis", "celery": "redis"}.get(form.kind, "echo")
    return state or ("down" if number % 8 == 7 else "mute" if number % 8 == 3 else telling)


def _table(form, number: int, variable: str) -> str:
    name = f"service{number}"
    kind = {"header": "http", "celery": "redis"}.get(form.kind, form.kind)
    key = "dsn" if kind == "postgres" else "url"
    where = f"{variable}_AT" if form.kind == "header" else variable
    text = f'[services.{name}]\nkind = "{kind}"\ndeadline = "1s"\n{key} = {{ env = "{where}" }}\n'
    if form.kind == "header":
        text += f'headers."{form.header}" = {{ env = "{variable}", prefix = "{form.prefix}" }}\n'
    if kind == "http":
        text += "".join(
            f'{page} = {{ path = "/{path}" }}\n' for page, path in zip(("ready", "health"), _pages(number), strict=True)
        )
        text += f'metrics = {{ path = "/{PATHS[(number + 2) % 5]}", requests = "x", latency = "y" }}\n'
    if kind == "postgres":
        text += f'monitor = {{ env = "{variable}" }}\n'
    if form.kind == "celery":
        text += f'[services.queue{number}]\nkind = "celery"\nbroker = "{name}"\ndeadline = "1s"\n'
    return text


def _pages(number: int) -> tuple[str, str]:
    return PATHS[number % 5], PATHS[(number + 1) % 5]
