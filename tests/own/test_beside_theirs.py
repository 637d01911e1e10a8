"""Beside a stack of the user's that runs: copies come and go, in whatever way, and nothing of theirs is another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import docker
import pytest
import redis

from drillbook.common.mistakes import Refused
from drillbook.common.polling import until
from drillbook.stack import compose
from drillbook.stack.marks import Marks
from drillbook.stack.plan import make_plan
from drillbook.stack.recipe import Recipe, prepared
from drillbook.supervisor.sweeping import sweep_with
from drillbook.supervisor.things import anonymous_volumes, listed
from drillbook.system.addresses import read_env_file
from drillbook.system.library import Library

SYSTEM = """
[system]
name = "NAME"

[runbook]
title = "Shop"
sections = ["Redis Down"]

[environments.local]
kind = "local"

[services.cache]
kind = "redis"
url = { env = "SHOP_CACHE_URL" }

[stack]
compose = "FOLDER/compose.yaml"
leave_out = ["frontend", "monitor"]

[stack.addresses]
SHOP_CACHE_URL = "redis://:{SHOP_PASSWORD}@{redis:6379}/0"
"""
CHECK = """
def test_redis_answers(redis, judge):
    judge("redis.up", redis.answers())
"""
DRILL = """
from drillbook import Drill
from drillbook.faults import killed
from drillbook.fixes import restart

DOWN = Drill(
    runbook="Redis Down", fault=killed("redis"), symptom=("redis.up",), fix=restart("redis"), detects_within=20,
    recovers_within=60,
)


def test_redis_down(rehearse):
    rehearse(DOWN)
"""
SAID = (
    "image redis:6.2 is not here and cannot be pulled: drillbook/redis:",
    "volume data is external: the copy has one of its own, empty",
    "volume m1 is kept elsewhere by its options: the copy has one of its own, empty",
    "network dev is external: the copy has one of its own",
    "userdata is written to: the copy has a copy of it (4 files, 0.0 MiB)",
    "one.conf is written to: the copy writes to a copy of it",
    "none does not exist: the copy has an empty volume in its place",
    "containers have no fixed name (redis)",
    "nothing restarts by itself (redis)",
    "labels are left out: they could make other programs act on the copy (redis)",
)


@pytest.fixture(scope="module")
def shop(theirs, tmp_path_factory, project_in):
    """A project of Drillbook's whose system is started from their compose file."""
    made = project_in(tmp_path_factory.mktemp("shop"))
    name = theirs.name.replace("theirs", "shop")
    made.write(f"systems/{name}/system.toml", SYSTEM.replace("NAME", name).replace("FOLDER", str(theirs.folder)))
    made.write("checks/test_redis.py", CHECK)
    made.write("chaos/test_redis.py", DRILL)
    made.environ["COMPOSE_PROFILES"] = "more"
    made.system = name
    try:
        yield made
    finally:
        made.drillbook("down", name)


@pytest.fixture(autouse=True)
def nothing_of_theirs_is_another(theirs):
    """All of it is the same after each test."""
    before = theirs.all()
    assert before["redis"] == ("whose", "theirs")
    yield
    assert theirs.all() == before


def ours(engine, shop):
    """Everything on the engine that is of a copy of this system."""
    return [one for one in listed(engine, "drillbook") if f"drillbook-{shop.system}" in one.name]


def of_copy(engine, shop, service):
    (found,) = [one for one in ours(engine, shop) if one.kind == "container" and f"-{service}-1" in one.name]
    return engine.containers.get(found.id)


def test_a_copy_by_up_has_its_own_of_everything_until_down(shop, theirs, engine, hear):
    started = shop.drillbook("up", shop.system)
    assert started.code == 0, started.said
    assert [line for line in SAID if line not in started.said] == []
    assert theirs.password not in started.said
    address = read_env_file(shop.root / ".drillbook" / f"{shop.system}@local.env")["SHOP_CACHE_URL"]
    with closing(redis.Redis.from_url(address)) as copy:
        copy.set("whose", "the copy's")
        copy.set("new", "1")
    assert {theirs.redis("GET", "whose") for _ in range(12)} == {"theirs"}
    web = of_copy(engine, shop, "web")
    assert hear(web.id, "cat", "/userdata/tracked.txt") == "tracked\nwritten"
    assert hear(web.id, "readlink", "/userdata/deep/link") == "../tracked.txt"
    assert hear(web.id, "stat", "-c", "%Y", "/userdata/deep/link") != ""
    assert [hear(web.id, "cat", path) for path in ("/one.conf", "/tmp/price")] == ["written", "a$b"]
    found = hear(web.id, "getent", "hosts", f"{theirs.name}-redis")
    assert found.split()[0] == hear(of_copy(engine, shop, "redis").id, "hostname", "-i")
    again = shop.drillbook("up", shop.system)
    assert again.code == 0, again.said
    assert of_copy(engine, shop, "web").id == web.id
    assert hear(web.id, "cat", "/userdata/tracked.txt") == "tracked\nwritten"
    assert {one.kind for one in ours(engine, shop)} == {"container", "network", "volume", "image"}
    removed = shop.drillbook("down", shop.system)
    assert removed.code == 0, removed.said
    assert ours(engine, shop) == []


@pytest.mark.proof
def test_what_has_changed_is_built_and_started_anew_and_the_old_one_goes(shop, theirs, engine, hear):
    dockerfile, file = theirs.folder / "Dockerfile", theirs.folder / "compose.yaml"
    before = {path: (path.read_text(), path.stat().st_mtime_ns) for path in (dockerfile, file)}
    try:
        shop.drillbook("up", shop.system)
        old = of_copy(engine, shop, "web").image.id
        nameless = anonymous_volumes(of_copy(engine, shop, "web").attrs)
        dockerfile.write_text(before[dockerfile][0] + "RUN echo new > /new\n")
        assert any("-once-1" in one.name for one in ours(engine, shop))
        file.write_text(before[file][0].replace("\n  once:", "\n  twice:"))
        assert shop.drillbook("up", shop.system).code == 0
        assert not any("-once-1" in one.name for one in ours(engine, shop))
        assert hear(of_copy(engine, shop, "web").id, "cat", "/new") == "new"
        with pytest.raises(docker.errors.ImageNotFound):
            engine.images.get(old)
        nameless |= anonymous_volumes(of_copy(engine, shop, "web").attrs)
    finally:
        shop.drillbook("down", shop.system)
        for path, (text, time) in before.items():
            path.write_text(text)
            os.utime(path, ns=(time, time))
    assert ours(engine, shop) == []
    assert nameless
    assert not nameless & {one.name for one in engine.volumes.list()}


@pytest.mark.proof
def test_a_drill_has_its_own_of_everything_until_its_end(shop, engine):
    ran = shop.pytest("chaos", "--target", shop.system, seconds=1200)
    assert ran.code == 0, ran.said
    assert ours(engine, shop) == []


@pytest.fixture
def drill(shop, engine):
    """A drill that is in the middle of it."""
    command = [sys.executable, "-m", "pytest", "chaos", "--target", shop.system]
    environ = {**os.environ, **shop.environ}
    running = subprocess.Popen(command, cwd=shop.root, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert until(lambda: any(one.kind == "container" for one in ours(engine, shop)), within=120)
        yield running
    finally:
        running.kill()
        running.communicate()


@pytest.mark.proof
def test_a_drill_that_is_killed_leaves_nothing_and_takes_nothing_of_theirs(drill, shop, engine):
    drill.send_signal(signal.SIGKILL)
    assert until(lambda: ours(engine, shop) == [], within=120)


class Only:
    """The engine, of which only one compose project is seen: others work on it too."""

    def __init__(self, client, project):
        self.api = self
        self._api, self._label = client.api, f"com.docker.compose.project={project}"

    def __getattr__(self, name):
        asked = getattr(self._api, name)
        if name not in ("containers", "networks", "volumes", "images"):
            return asked
        return lambda filters, **more: asked(filters={"label": [*filters["label"], self._label]}, **more)


@pytest.mark.proof
def test_what_a_killed_run_and_its_killed_supervisor_leave_is_swept_and_nothing_of_theirs(drill, shop, engine):
    (left,) = {one.labels["drillbook.owner"] for one in ours(engine, shop)}
    project = of_copy(engine, shop, "redis").labels["com.docker.compose.project"]
    os.kill(int(left.split(":")[1]), signal.SIGKILL)
    drill.send_signal(signal.SIGKILL)
    drill.wait()
    said = []
    assert until(
        lambda: sweep_with(Only(engine, project), said.append) == 0 and said[-1] == "nothing to sweep", within=60
    )
    assert ours(engine, shop) == []
    assert [line for line in said if line.startswith("could not")] == []
    assert any(line.startswith("removed image") for line in said)


DEVIATIONS = {"their volume": ("volumes", "data", "spare"), "their network": ("networks", "dev", "dev")}


@pytest.mark.proof
@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_what_is_created_otherwise_than_it_should_be_is_refused_before_any_of_it_runs(
    deviation, shop, theirs, engine, monkeypatch, tmp_path
):
    monkeypatch.setenv("COMPOSE_PROFILES", "more")
    stack = Library(shop.root, {}).read(shop.system).stack
    marks = Marks(f"drillbook-{shop.system}-other", {"drillbook": f"{shop.system}-other"})
    recipe, document = prepared(
        Recipe(stack, shop.root / "systems" / shop.system, marks, tmp_path, make_plan(stack)), lambda _: None
    )
    section, name, their_name = DEVIATIONS[deviation]
    spare = engine.volumes.create(f"{theirs.name}-spare")  # to be mounted is to be touched, also where nothing runs
    joined = {**document.content[section], name: {"external": True, "name": f"{theirs.name}-{their_name}"}}
    wrong = replace(document, content={**document.content, section: joined})
    try:
        with pytest.raises(Refused, match=f"not safe to start: .*{theirs.name}.*which is not the copy's own"):
            compose.start(recipe, wrong)
        created = [one for one in ours(engine, shop) if one.kind == "container"]
        assert created
        assert {engine.containers.get(one.id).attrs["State"]["Status"] for one in created} == {"created"}
    finally:
        compose.remove(marks.owner)
        spare.remove()
    assert ours(engine, shop) == []


FAILING = """
services:
  redis:
    image: ${DRILLBOOK_IMAGE_REDIS:-redis:7}
    command: ["sh", "-c", "echo well; echo the password is $$SECRET >&2; exit 3"]
    environment: {SECRET: "${SHOP_SECRET}"}
    healthcheck: {test: ["CMD", "true"]}
"""


def test_a_start_that_fails_shows_the_end_of_the_log_and_leaves_nothing(shop, engine, tmp_path):
    name = f"{shop.system}-fails"
    system = SYSTEM.replace("NAME", name).replace("FOLDER/", "").replace('leave_out = ["frontend", "monitor"]', "")
    shop.write(f"systems/{name}/system.toml", system.replace("{SHOP_PASSWORD}", "{SHOP_SECRET}"))
    shop.write(f"systems/{name}/compose.yaml", FAILING)
    shop.write(f"systems/{name}/compose.override.yml", FAILING.replace("exit 3", "exit 4"))
    started = shop.drillbook("up", name, environ={"SHOP_SECRET": "swordfish-42"})
    assert started.code == 4, started.said
    assert "compose.override.yml is not read: stack.compose names compose.yaml alone" in started.said
    assert "redis has ended with exit code 3, and the end of its log is:" in started.said
    assert "redis | the password is ***" in started.said
    assert f"what had been started was removed: nothing of {name}@local is left" in started.said
    assert "swordfish-42" not in started.said
    assert [one for one in listed(engine, "drillbook") if name in one.name] == []
    assert not (shop.root / ".drillbook" / f"{name}@local.env").exists()


def test_what_is_unsafe_is_refused_with_12_before_anything_is_created(shop, engine):
    name = f"{shop.system}-unsafe"
    system = SYSTEM.replace("NAME", name).replace('leave_out = ["frontend", "monitor"]', 'leave_out = ["frontend"]')
    theirs = shop.root / "systems" / shop.system / "system.toml"
    folder = next(line for line in theirs.read_text().splitlines() if line.startswith("compose ="))
    shop.write(f"systems/{name}/system.toml", system.replace('compose = "FOLDER/compose.yaml"', folder))
    refused = shop.drillbook("up", name)
    assert refused.code == 12, refused.said
    for key in ("privileged: true", 'pid: "host"', "volumes: /var/run/docker.sock:/var/run/docker.sock is a socket"):
        assert f"services.monitor.{key}" in refused.said
    assert [one for one in listed(engine, "drillbook") if name in one.name] == []
    drilled = shop.pytest("chaos", "--target", name)
    assert drilled.code == 12, drilled.said
    assert "services.monitor.privileged" in drilled.said
    assert [one for one in listed(engine, "drillbook") if name in one.name] == []
