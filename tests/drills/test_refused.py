"""Nothing but a drill's own stack can be broken: everything else ends with exit code 12 before anything is called."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

SYSTEMS = sorted(path.parent.name for path in (Path(__file__).parents[2] / "systems").glob("*/system.toml"))
SPY = """#!/bin/sh
echo "$@" >> {log}
exit 1
"""
ATTEMPTS = {
    "local": (("deal-scout@local",), {}),
    "staging": (("deal-scout@staging",), {}),
    "production": (("deal-scout@production",), {}),
    "an environment that is not declared": (("deal-scout@prod",), {}),
    "an environment that only looks like a drill": (("deal-scout@drill2",), {}),
    "an environment in capitals": (("deal-scout@DRILL",), {}),
    "a drill of another's environment": (("deal-scout@drill@production",), {}),
    "an environment without a name": (("deal-scout@",), {}),
    "two workers on staging": (("deal-scout@staging", "-n", "2"), {}),
    "a control on production": (("deal-scout@production", "--control"), {}),
    "an engine elsewhere": (("deal-scout",), {"DOCKER_HOST": "tcp://192.0.2.1:2375"}),
    "an engine through ssh": (("deal-scout",), {"DOCKER_HOST": "ssh://somebody@192.0.2.1"}),
    "an engine elsewhere for two workers": (("deal-scout", "-n", "2"), {"DOCKER_HOST": "tcp://192.0.2.1:2375"}),
    "an engine behind a local port": (("deal-scout",), {"DOCKER_HOST": "tcp://127.0.0.1:2375"}),
    "an engine behind a name": (("deal-scout", "--control"), {"DOCKER_HOST": "tcp://engine.example:2376"}),
    "a context that is not there": (("deal-scout",), {"DOCKER_CONTEXT": "somebodys"}),
}


@pytest.fixture
def spied(drill_project, tmp_path):
    """A project in which every call of the command `docker` is noted and fails."""
    project, log = drill_project(), tmp_path / "called"
    spy = tmp_path / "bin" / "docker"
    spy.parent.mkdir()
    spy.write_text(SPY.format(log=log))
    spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
    project.environ["PATH"] = f"{spy.parent}{os.pathsep}{os.environ['PATH']}"
    project.called = log
    return project


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_every_attempt_is_refused_before_anything_is_called(spied, attempt):
    (target, *more), environ = ATTEMPTS[attempt]
    ran = spied.pytest("chaos", "--target", target, *more, environ=environ)
    assert ran.code == 12, ran.said
    assert "refused" in ran.said
    assert not spied.called.exists()
    assert not (spied.root / "reports").exists()


def test_a_forged_environment_file_and_addresses_make_no_stack_of_ours(spied):
    """A file that `drillbook up` might have written for `drill`, and variables, point to somebody's database."""
    somebodys = "postgresql://deals:x@192.0.2.1:5432/deals"
    spied.write(".drillbook/deal-scout@drill.env", f"DEAL_SCOUT_DATABASE_URL={somebodys}\n")
    project, environ = spied, {"DEAL_SCOUT_DATABASE_URL": somebodys, "DEAL_SCOUT_URL": "http://192.0.2.1"}
    ran = project.pytest("chaos", "--target", "deal-scout", "-k", "redis", environ=environ)
    assert ran.code == 11, ran.said
    assert "192.0.2.1" not in ran.said
    assert "does not start" in ran.said or "cannot be used" in ran.said


def test_a_declared_environment_called_drill_is_no_drill(spied):
    spied.edit(
        "systems/deal-scout/system.toml",
        "[environments.local]",
        '[environments.drill]\nkind = "local"\n\n[environments.local]',
    )
    ran = spied.pytest("chaos", "--target", "deal-scout")
    assert ran.code == 4, ran.said
    assert "drills make their own environment of that name" in ran.said
    assert not spied.called.exists()


def test_checks_and_drills_are_run_apart(spied):
    ran = spied.pytest("checks", "chaos", "--target", "deal-scout")
    assert ran.code == 4, ran.said
    assert "run `pytest checks` and `pytest chaos`" in ran.said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), f"no system chosen: pass --target SYSTEM (known: {', '.join(SYSTEMS)})"),
        (("--target", "deal-scuot"), "no system is called 'deal-scuot'"),
        (("--target", "deal-scout", "--every", "1s"), "--every is for checks"),
    ],
)
def test_mistakes_are_usage_errors(spied, arguments, message):
    ran = spied.pytest("chaos", *arguments)
    assert ran.code == 4, ran.said
    assert message in ran.said


BY_HAND = """
from pathlib import Path

import pytest

from drillbook import faults, fixes
from drillbook.system.library import Library
from drillbook.stack.handle import Running
from drillbook.system.target import load_target

ADDRESSES = {
    "DEAL_SCOUT_URL": "http://127.0.0.1:1",
    "DEAL_SCOUT_DATABASE_URL": "postgresql://deals:x@127.0.0.1:1/deals",
    "DEAL_SCOUT_MONITOR_URL": "postgresql://deals:x@127.0.0.1:1/deals",
    "DEAL_SCOUT_REDIS_URL": "redis://127.0.0.1:1/0",
    "DEAL_SCOUT_NODE_URL": "http://127.0.0.1:1",
}


def running(environment, run="somebodys-run", project="somebodys-project"):
    target = load_target(f"deal-scout@{environment}", Library(Path.cwd(), ADDRESSES))
    return Running(target, run, project, {})


@pytest.mark.parametrize("environment", ["local", "staging", "production", "drill"])
@pytest.mark.parametrize("fault", [faults.killed("redis"), faults.paused("postgres"), faults.cut_off("redis")])
def test_a_fault_by_hand(environment, fault):
    with fault.inject(running(environment)):
        raise RuntimeError("it bit")


@pytest.mark.parametrize("fix", [fixes.restart("redis"), fixes.terminate_sessions(), fixes.recreate("backend")])
def test_a_fix_by_hand(fix):
    fix.apply(running("production"))
"""


def test_faults_and_fixes_by_hand_are_refused_with_exit_code_12(drill_project):
    project = drill_project(BY_HAND.lstrip())
    ran = project.pytest("chaos", "--target", "deal-scout")
    assert ran.code == 12, ran.said
    assert "15 failed" in ran.said
    assert ran.said.count("Refused") >= 15
    assert "it bit" not in ran.said
