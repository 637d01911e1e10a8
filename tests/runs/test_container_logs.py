"""Whole runs with the log of a container: asked in the copy, in no other environment, and said where it is not."""

from __future__ import annotations

from contextlib import closing

import docker
import pytest

from drillbook.doctor import images
from drillbook.stack.local import Copy
from drillbook.stack.plan import PROJECT_LABEL, SERVICE_LABEL
from drillbook.supervisor.owner import LABEL
from drillbook.system.library import Library

SECRET = "hunter2-canary"
LOG = """
[stack]
compose = "compose.yaml"
[services.applog]
kind = "log"
container = "backend"
deadline = "20s"
[signals."app.errors"]
read = { service = "applog", match = "^ERROR", window = "5m" }
as = "count"
unit = "lines"
high = "> 1"
[environments.staging]
kind = "staging"
[environments.local]
"""
RUN = ("checks", "--interval", "0.2", "-p", "no:cacheprovider")


@pytest.fixture(scope="module")
def a_container():
    """Starts a container that writes some errors and ends, with the labels that it is given; removed at the end."""
    made = []
    with closing(docker.from_env()) as engine:

        def start(labels, errors):
            command = ["sh", "-c", f"for each in $(seq {errors}); do echo ERROR {SECRET}; done; echo fine"]
            image = images.find(images.REDIS, images.on(engine)).tag
            how = {"entrypoint": [], "network_mode": "none", "detach": True}
            made.append(engine.containers.run(image, command, labels={**labels, SERVICE_LABEL: "backend"}, **how))
            made[-1].wait()

        try:
            yield start
        finally:
            for container in made:
                container.remove(force=True, v=True)


@pytest.fixture
def with_log(shop_project):
    """The shop's project, with the log of a container, a signal of it, and the checks that ask."""
    shop_project.edit("systems/shop/system.toml", "[environments.local]", LOG)
    for name in ("test_signals.py", "test_kinds.py"):
        shop_project.write(f"checks/{name}", (shop_project.checkout / "checks" / name).read_text())
    return shop_project


@pytest.mark.parametrize(("errors", "verdict", "code"), [(1, "OK", 0), (2, "BREACHED", 1)])
def test_the_copy_of_drillbook_up_is_asked(with_log, a_container, errors, verdict, code):
    copy = Copy(Library(with_log.root, {}), "shop")
    a_container({LABEL: copy.owner, PROJECT_LABEL: copy.project}, errors)
    ran = with_log.pytest(*RUN, "--target", "shop@local")
    assert ran.code == code, ran.said
    assert with_log.verdicts()["app.errors"] == verdict
    assert with_log.verdicts()["log.readable"] == "OK"
    assert "applog is not asked" not in ran.said
    assert SECRET not in ran.said
    assert all(SECRET not in path.read_text() for path in (with_log.root / "reports").rglob("*") if path.is_file())


def test_where_there_is_no_copy_it_is_unknown(with_log):
    ran = with_log.pytest(*RUN, "--target", "shop@local", "-n", "2")
    assert ran.code == 11, ran.said
    assert with_log.verdicts()["app.errors"] == with_log.verdicts()["log.readable"] == "UNKNOWN"
    assert "the copy has no container of backend: it has none: is it up? `drillbook up` starts one" in ran.said


def test_in_an_environment_without_a_copy_it_is_not_asked_and_said_to_be_not_covered(with_log):
    ran = with_log.pytest(*RUN, "--target", "shop@staging")
    assert ran.code == 0, ran.said
    why = "it is a container's, and is asked where Drillbook started that"
    assert f"drillbook: applog is not asked: {why}" in ran.said
    assert f"not covered: services.applog and 1 more: {why}" in ran.said
    assert "app.errors" not in with_log.verdicts()


def test_a_drills_watch_asks_the_copy_that_it_is_told_of(with_log, a_container):
    a_container({LABEL: "a-run", PROJECT_LABEL: "drillbook-shop-a-run-77"}, 2)
    told = {"DRILLBOOK_COPY": "a-run drillbook-shop-a-run-77"}
    ran = with_log.pytest(*RUN, "--target", "shop@drill", environ=told)
    assert ran.code == 1, ran.said
    assert with_log.verdicts()["app.errors"] == "BREACHED"
