"""Every attempt to get at a fault from anything but a drill's own stack is refused before anything is called."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import docker
import httpx
import psycopg
import pytest
from docker.models.containers import ContainerCollection

from drillbook import faults, fixes
from drillbook.common.mistakes import Refused
from drillbook.stack.plan import PROJECT_LABEL, SERVICE_LABEL
from drillbook.supervisor.owner import LABEL
from drillbook.system.library import Library
from drillbook.system.target import load_target

pytestmark = pytest.mark.proof

CHECKOUT = Path(__file__).parents[2]
ATTEMPTS = {}


def attempt(function):
    """Registers one way to get at what is no drill's own: a running stack and a service, made from honest ones."""
    ATTEMPTS[function.__name__] = function
    return function


def aimed_at(running, **changes):
    """The same, aimed at another target."""
    return replace(running, target=replace(running.target, **changes))


def with_address(running, name, address):
    """The same, with one service somewhere else."""
    services = {**running.target.services, name: replace(running.target.services[name], address=address)}
    return aimed_at(running, services=services)


def loaded(running, environment):
    """The system's own environment of that name, at the drill's addresses."""
    services = running.target.services
    environ = {
        "DEAL_SCOUT_URL": services["backend"].address,
        "DEAL_SCOUT_DATABASE_URL": services["postgres"].address,
        "DEAL_SCOUT_MONITOR_URL": services["postgres"].monitor,
        "DEAL_SCOUT_REDIS_URL": services["redis"].address,
        "DEAL_SCOUT_NODE_URL": services["node-exporter"].address,
    }
    return replace(running, target=load_target(f"deal-scout@{environment}", Library(CHECKOUT, environ=environ)))


def context_in(folder, name, host):
    """A folder of docker's settings whose current context is another engine."""
    meta = folder / "contexts" / "meta" / sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": endpoints}))
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    return folder


@attempt
def the_local_copy(running, **_):
    return loaded(running, "local"), "redis"


@attempt
def staging(running, **_):
    return loaded(running, "staging"), "redis"


@attempt
def production(running, **_):
    return loaded(running, "production"), "redis"


@attempt
def staging_with_its_kind_replaced(running, **_):
    return aimed_at(loaded(running, "staging"), kind="drill"), "redis"


@attempt
def production_called_drill(running, **_):
    return aimed_at(loaded(running, "production"), environment="drill"), "redis"


@attempt
def an_environment_renamed_to_drill_in_the_file(running, **_):
    declared = running.target.system.environments
    system = running.target.system.model_copy(update={"environments": {"drill": declared["staging"]}})
    return aimed_at(running, system=system), "redis"


@attempt
def a_target_that_only_looks_like_one(running, **_):
    class Target:
        kind = environment = "drill"
        name = "deal-scout@drill"
        services = running.target.services
        system = running.target.system

    return replace(running, target=Target()), "redis"


@attempt
def a_drill_at_a_remote_address(running, **_):
    return with_address(running, "postgres", "postgresql://deals:x@db.example.com:5432/deals"), "redis"


@attempt
def a_drill_at_the_local_copys_address(running, **_):
    return with_address(running, "backend", "http://127.0.0.1:8000"), "backend"


@attempt
def a_loopback_address_that_leads_elsewhere(running, **_):
    address = running.target.services["postgres"].address
    return with_address(running, "postgres", f"{address}?host=db.example.com"), "postgres"


@attempt
def an_address_with_a_second_host(running, **_):
    address = running.target.services["postgres"].address.replace("/deals", ",db.example.com:5432/deals")
    return with_address(running, "postgres", address), "postgres"


@attempt
def an_address_that_only_begins_on_this_machine(running, **_):
    port = running.target.services["backend"].address.rpartition(":")[2]
    return with_address(running, "backend", f"http://127.0.0.1:{port}@example.com:{port}"), "backend"


@attempt
def a_remote_engine(running, monkeypatch, **_):
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    return running, "redis"


@attempt
def an_engine_over_ssh(running, monkeypatch, **_):
    monkeypatch.setenv("DOCKER_HOST", "ssh://root@192.0.2.1")
    return running, "redis"


@attempt
def a_current_context_elsewhere(running, monkeypatch, tmp_path, **_):
    monkeypatch.setenv("DOCKER_CONFIG", str(context_in(tmp_path, "far", "tcp://192.0.2.1:2375")))
    return running, "redis"


@attempt
def a_chosen_context_elsewhere_beside_a_local_host(running, monkeypatch, tmp_path, **_):
    monkeypatch.setenv("DOCKER_CONFIG", str(context_in(tmp_path, "far", "tcp://192.0.2.1:2375")))
    monkeypatch.setenv("DOCKER_HOST", "unix:///var/run/docker.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    return running, "redis"


@attempt
def an_unknown_context(running, monkeypatch, **_):
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    return running, "redis"


@attempt
def an_empty_run(running, **_):
    return replace(running, run=""), "redis"


@attempt
def no_run_at_all(running, **_):
    return replace(running, run=None), "redis"


@attempt
def any_run(running, **_):
    return replace(running, run="*"), "redis"


@attempt
def a_run_that_says_more_to_the_filter(running, **_):
    return replace(running, run=f"{running.run},drillbook=other"), "redis"


@attempt
def a_run_that_is_an_equation(running, **_):
    return replace(running, run=f"{running.run}=x"), "redis"


@attempt
def a_run_that_ends_in_a_new_line(running, **_):
    return replace(running, run=f"{running.run}\n"), "redis"


@attempt
def several_runs(running, **_):
    return replace(running, run=[running.run, "other"]), "redis"


@attempt
def the_beginning_of_a_run(running, **_):
    return replace(running, run=running.run[:-1]), "redis"


@attempt
def another_run_in_this_project(running, **_):
    return replace(running, run="another-run"), "redis"


@attempt
def the_label_of_a_copy_that_up_started(running, **_):
    return replace(running, run="up:drillbook-theirs"), "ours"


@attempt
def an_empty_project(running, **_):
    return replace(running, project=""), "redis"


@attempt
def another_project(running, **_):
    return replace(running, project="theirs"), "redis"


@attempt
def a_foreign_container_by_name(running, foreign, **_):
    return running, foreign["plain"].name


@attempt
def a_foreign_container_by_id(running, foreign, **_):
    return running, foreign["plain"].id


@attempt
def a_foreign_container_with_a_forged_project(running, foreign, **_):
    return running, "forged"


@attempt
def a_foreign_container_with_a_forged_run(running, foreign, **_):
    return running, "strange"


@attempt
def a_foreign_container_behind_an_engine_that_ignores_the_filter(running, monkeypatch, **_):
    listed = ContainerCollection.list
    monkeypatch.setattr(ContainerCollection, "list", lambda self, **_: listed(self, all=True, ignore_removed=True))
    return running, "forged"


def forgeries(running):
    """The labels of other people's containers, some of which look like ours."""
    return {
        "plain": {},
        "forged": {PROJECT_LABEL: running.project, SERVICE_LABEL: "forged", LABEL: "up:theirs"},
        "strange": {PROJECT_LABEL: "theirs", SERVICE_LABEL: "strange", LABEL: running.run},
        "copy": {PROJECT_LABEL: "theirs", SERVICE_LABEL: "ours", LABEL: "up:drillbook-theirs"},
        "redis": {PROJECT_LABEL: running.project, SERVICE_LABEL: "redis"},
    }


@pytest.fixture(scope="module")
def foreign(shop, engine):
    """Somebody else's containers, beside ours."""
    image = shop.running.values["DRILLBOOK_IMAGE_REDIS"]
    made = {}
    try:
        for name, labels in forgeries(shop.running).items():
            place = {"network_mode": "none", "entrypoint": ["sleep"], "command": ["600"], "detach": True}
            made[name] = engine.containers.run(image, labels=labels, **place)
        for container in made.values():
            container.reload()
        yield made
    finally:
        for container in made.values():
            container.remove(force=True, v=True)


class Spy:
    """Notes every call that could change something, and lets it through."""

    def __init__(self, monkeypatch):
        self.calls = []
        sent = docker.APIClient.send
        monkeypatch.setattr(docker.APIClient, "send", lambda *a, **k: (self._note(a[1]), sent(*a, **k))[1])
        for owner, name in ((subprocess, "run"), (psycopg, "connect"), (httpx.Client, "request")):
            real = getattr(owner, name)
            seen = lambda *a, name=name, real=real, **k: (self.calls.append((name, a)), real(*a, **k))[1]  # noqa: E731
            monkeypatch.setattr(owner, name, seen)

    def _note(self, request):
        if request.method not in ("GET", "HEAD"):
            self.calls.append((request.method, request.url))


def enter(manager):
    with manager:
        pass


HANDLED = ("kill", "stop", "start", "restart", "pause", "unpause", "disconnect", "reconnect", "inspect", "state")
DEEDS = {
    **{name: lambda running, service, name=name: getattr(running.handle(service), name)() for name in HANDLED},
    "execute": lambda running, service: running.handle(service).execute(["true"]),
    "recreate": lambda running, service: running.handle(service).recreate(),
    "helper": lambda running, service: enter(running.helper(service)),
    "killed": lambda running, service: enter(faults.killed(service).inject(running)),
    "stopped": lambda running, service: enter(faults.stopped(service).inject(running)),
    "paused": lambda running, service: enter(faults.paused(service).inject(running)),
    "cut off": lambda running, service: enter(faults.cut_off(service).inject(running)),
    "leaked": lambda running, service: enter(faults.leaked_transactions(service, connections=1).inject(running)),
    "filled": lambda running, service: enter(faults.disk_filled(service).inject(running)),
    "restart it": lambda running, service: fixes.restart(service).apply(running),
    "start it": lambda running, service: fixes.start(service).apply(running),
    "re-create it": lambda running, service: fixes.recreate(service).apply(running),
    "terminate": lambda running, service: fixes.terminate_sessions(service=service).apply(running),
    "free": lambda running, service: fixes.free_aged_files("/tmp", service=service).apply(running),
    "in turn": lambda running, service: fixes.in_turn(fixes.restart(service)).apply(running),
}


@pytest.mark.parametrize("way", ATTEMPTS.values(), ids=[name.replace("_", " ") for name in ATTEMPTS])
def test_it_is_refused_before_anything_is_called(way, shop, foreign, monkeypatch, tmp_path):
    running, service = way(shop.running, foreign=foreign, monkeypatch=monkeypatch, tmp_path=tmp_path)
    spy, done = Spy(monkeypatch), []
    for name, deed in DEEDS.items():
        try:
            deed(running, service)
        except Refused:
            continue
        except Exception as error:
            done.append(f"{name}: {error!r}")
        else:
            done.append(name)
    assert (done, spy.calls) == ([], [])


@pytest.mark.parametrize("way", ATTEMPTS.values(), ids=[name.replace("_", " ") for name in ATTEMPTS])
def test_a_witness_sees_nothing_there_and_touches_nothing(way, shop, foreign, monkeypatch, tmp_path):
    running, service = way(shop.running, foreign=foreign, monkeypatch=monkeypatch, tmp_path=tmp_path)
    spy = Spy(monkeypatch)
    for fault in (faults.killed(service), faults.cut_off(service), faults.disk_filled(service)):
        assert not fault.witness(running).there
    assert spy.calls == []


def test_nobody_elses_container_was_touched(foreign, engine):
    for container in foreign.values():
        now = engine.api.inspect_container(container.id)
        assert now["State"]["Running"]
        assert not now["State"]["Paused"]
        assert now["RestartCount"] == 0
        assert now["State"]["StartedAt"] == container.attrs["State"]["StartedAt"]


def test_the_spy_sees_what_is_allowed(shop, monkeypatch):
    spy = Spy(monkeypatch)
    assert shop.running.handle("redis").execute(["true"]) == (0, "")
    assert spy.calls


def test_a_foreign_container_beside_ours_stays_what_it_was_when_ours_is_killed(shop, foreign, engine):
    with faults.killed("redis").inject(shop.running):
        assert engine.api.inspect_container(foreign["redis"].id)["State"]["Running"]
    assert engine.api.inspect_container(foreign["redis"].id)["State"]["Running"]
