"""The whole line on a real system: from a limit in its file to an exit code, healthy and broken."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from drillbook.common.progress import nobody
from drillbook.stack.warm import wait_until_warm
from drillbook.system.library import Library
from drillbook.system.target import load_target

TARGET = ("checks", "--target", "deal-scout@local")
QUICK = (*TARGET, "--interval", "1")
AT_ONCE = 3
DEMO = ("load", "--target", "deal-scout@local", "--profile", "demo")
FEWEST_LIMITS = 25


def docker(*arguments: str) -> str:
    """Runs docker and gives what it said."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def containers(project, *services: str) -> list[str]:
    """The containers of the copy, or of some of its services, dead ones too."""
    [name] = re.findall(r"as compose project (\S+)", project.first_up)
    filters = ["--filter", f"label=com.docker.compose.project={name}"]
    listed = docker("ps", "--all", "--format", '{{.ID}} {{.Label "com.docker.compose.service"}}', *filters)
    found = dict(line.split()[::-1] for line in listed.splitlines())
    return [found[service] for service in services or found]


def wait_until_docker_calls_healthy(ids: list[str]) -> None:
    """An unpaused container is unhealthy to Docker until its next health check, and Compose would give it up."""
    deadline = time.monotonic() + 120
    state = "{{if .State.Health}}{{.State.Health.Status}}{{end}}"
    while "unhealthy" in docker("inspect", "--format", state, *ids):
        assert time.monotonic() < deadline
        time.sleep(0.2)


@contextmanager
def broken(project, how: str, mend: str, *services: str):
    """Breaks containers of the copy, and has it up and warm again afterwards."""
    victims = containers(project, *services)
    docker(how, *victims)
    try:
        yield
    finally:
        docker(mend, *victims)
        wait_until_docker_calls_healthy(victims)
        wait_until_warm(load_target("deal-scout@local", Library(project.root, {})), within=120, say=nobody)


def addresses(project) -> dict[str, str]:
    """Where the copy is, and its secrets, as `up` keeps them."""
    kept = (project.root / ".drillbook" / "deal-scout@local.env").read_text()
    return dict(line.split("=", 1) for line in kept.splitlines() if "=" in line)


@pytest.fixture(scope="module")
def healthy(deal_scout, turn):
    """One run on the healthy copy: what it said, its verdicts and its journal."""
    ran = deal_scout.pytest(*TARGET)
    assert ran.code == 0, ran.said
    return SimpleNamespace(said=ran.said, verdicts=deal_scout.verdicts(), journal=deal_scout.journal())


def test_up_says_where_it_is_and_masks_its_passwords(deal_scout):
    kept = (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()
    passwords = re.findall(r"_PASSWORD=(.+)", kept)
    assert len(passwords) == 3
    assert "DEAL_SCOUT_URL=http://127.0.0.1:" in deal_scout.first_up
    assert not any(password in deal_scout.first_up for password in passwords)


def test_a_second_up_changes_nothing(deal_scout):
    before = containers(deal_scout), (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()
    assert deal_scout.drillbook("up", "deal-scout").code == 0
    assert (containers(deal_scout), (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()) == before


def test_a_healthy_system_is_green_by_at_least_25_limits(healthy):
    assert len(healthy.verdicts) >= FEWEST_LIMITS
    assert "UNKNOWN" not in healthy.verdicts.values(), healthy.said


def test_two_workers_come_to_the_same_verdicts(deal_scout, healthy):
    ran = deal_scout.pytest(*QUICK, "-n", "2")
    assert ran.code == 0, ran.said
    assert deal_scout.verdicts() == healthy.verdicts


def test_what_up_started_is_loaded_freely_and_holds_its_p95(deal_scout):
    path = "systems/deal-scout/system.toml"
    deal_scout.edit(path, 'medium = "> 500"', 'medium = "> 50000"')  # on a busy machine a copy is really slow
    try:
        ran = deal_scout.load(*DEMO)
    finally:
        deal_scout.edit(path, 'medium = "> 50000"', 'medium = "> 500"')
    assert ran.code == 0, ran.said
    assert deal_scout.verdicts() == {"api.p95(demo)": "OK", "api.errors(demo)": "OK"}
    [end] = [line for line in deal_scout.journal() if line["kind"] == "loaded"]
    assert end["served"] == end["requests"] == end["asked"]
    assert re.search(r"demo: \d+ of 7 s, \d+ requests so far", ran.said), "it says how far it is"


def test_every_limit_names_a_section_of_the_runbook_or_the_house(healthy):
    sources = {line["from"] for line in healthy.journal if line["kind"] == "verdict"}
    assert {"Redis Unreachable", "API Latency", "Disk Full", "house default"} <= sources


def test_a_killed_redis_is_named_with_its_severity_and_section(deal_scout):
    with broken(deal_scout, "kill", "start", "redis"):
        ran = deal_scout.pytest(*QUICK)
        verdicts = deal_scout.verdicts()
    assert ran.code == 1, ran.said
    [line] = re.findall(r"^HIGH redis\.up: .*$", ran.said, re.MULTILINE)[-1:]
    assert "runbook: Redis Unreachable" in line
    assert verdicts["deals.ok"] == "OK", "deals are served without the cache"
    assert verdicts["redis.ping"] == "UNKNOWN", "what depends on a dead service is not judged"


@pytest.mark.proof
def test_a_paused_redis_is_found_too(deal_scout):
    with broken(deal_scout, "pause", "unpause", "redis"):
        ran = deal_scout.pytest(*QUICK)
        assert deal_scout.verdicts()["deals.ok"] == "OK"
    assert ran.code == 1, ran.said
    assert "HIGH redis.up: no" in ran.said


@pytest.mark.proof
def test_a_stopped_database_is_critical_while_the_api_still_answers(deal_scout):
    with broken(deal_scout, "stop", "start", "postgres"):
        ran = deal_scout.pytest(*QUICK)
        verdicts = deal_scout.verdicts()
    assert ran.code == 1, ran.said
    assert "CRITICAL database.up: no" in ran.said
    assert verdicts["api.up"] == "OK"
    assert verdicts["health.postgres"] == "BREACHED"


@pytest.mark.proof
def test_no_workers_are_noticed_at_the_broker(deal_scout):
    with broken(deal_scout, "kill", "start", "worker"):
        ran = deal_scout.pytest(*QUICK)
    assert ran.code == 1, ran.said
    assert "HIGH queue.workers: 0 workers < 1 workers" in ran.said


def test_a_total_outage_is_critical_and_not_could_not_tell(deal_scout):
    with broken(deal_scout, "stop", "start"):
        ran = deal_scout.pytest(*QUICK)
    assert ran.code == 1, ran.said
    assert "CRITICAL api.up: no, /health: connection refused" in ran.said


WRONG = {
    "a database of another name": (
        "DEAL_SCOUT_DATABASE_URL", "/deals", "/postgres", "answered by database postgres, not deals"
    ),
    "a wrong password of the database": ("DEAL_SCOUT_DATABASE_URL", "deals:", "deals:wrong-", "login refused"),
    "a password that Redis has not": ("DEAL_SCOUT_REDIS_URL", "redis://", "redis://:wrong-password@", "login refused"),
}  # fmt: skip


def replaced(where: dict[str, str], variable: str, old: str, new: str) -> dict[str, str]:
    """The variable with another address: the last `old` of the path, or the first of anything else."""
    head, found, tail = (str.rpartition if old == "/deals" else str.partition)(where[variable], old)
    assert found
    return {variable: head + new + tail}


@pytest.fixture(scope="module")
def elsewhere(deal_scout, turn, tmp_path_factory, project_in):
    """Runs that ask the same copy in another way, a few at once, each in a project of its own: what they came to."""
    where = addresses(deal_scout)
    port = re.search(r":(\d+)/", where["DEAL_SCOUT_DATABASE_URL"])[1]
    production = ("checks", "--target", "deal-scout@production", "--interval", "1")
    runs = {
        "another metric": (QUICK, {}),
        **{name: (QUICK, replaced(where, *how)) for name, (*how, _) in WRONG.items()},
        "postgres as redis": (QUICK, {"DEAL_SCOUT_REDIS_URL": f"redis://127.0.0.1:{port}/0"}),
        "production": (production, where),
        "production, reading": (production, {**where, "DEAL_SCOUT_DATABASE_URL": where["DEAL_SCOUT_MONITOR_URL"]}),
    }

    def run(name):
        project = project_in(tmp_path_factory.mktemp("elsewhere"))
        for folder in ("systems", "checks", ".drillbook"):
            shutil.copytree(deal_scout.root / folder, project.root / folder, dirs_exist_ok=True)
        if name == "another metric":
            project.edit("systems/deal-scout/system.toml", '"http_requests_total"', '"http_request_total"')
        arguments, environ = runs[name]
        project.ran = project.pytest(*arguments, environ=environ)
        return project

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(runs, pool.map(run, runs), strict=True))


def test_a_metric_that_is_not_there_is_answered_with_those_that_are(elsewhere):
    ran = elsewhere["another metric"].ran
    assert ran.code == 11, ran.said
    assert "http_requests_total" in ran.said


@pytest.mark.parametrize("name", WRONG)
def test_the_wrong_server_or_login_is_never_green(elsewhere, name):
    ran, (variable, *_, message) = elsewhere[name].ran, WRONG[name]
    assert ran.code == 11, ran.said
    assert message in ran.said
    assert f"{variable} is taken from the environment" in ran.said


def test_postgres_on_the_port_of_redis_is_not_green(elsewhere):
    found = elsewhere["postgres as redis"]
    assert found.ran.code in (1, 11), found.ran.said
    assert found.verdicts()["redis.up"] != "OK"


def test_a_role_that_could_write_is_refused_in_production(elsewhere):
    refused, allowed = elsewhere["production"].ran, elsewhere["production, reading"].ran
    assert refused.code == 12, refused.said
    assert "give production a role that can only read" in refused.said
    assert allowed.code == 0, allowed.said


def test_reports_are_private_and_hold_no_password(deal_scout, healthy):
    kept = (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()
    passwords = re.findall(r"_PASSWORD=(.+)", kept)
    files = [path for path in (deal_scout.root / "reports").rglob("*") if path.is_file()]
    assert {"journal.jsonl", "junit.xml", "summary.md"} <= {path.name for path in files}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not [path for path in files for password in passwords if password in path.read_text()]


def test_the_journal_ends_with_what_the_run_asked(healthy):
    last = healthy.journal[-1]
    assert (last["kind"], last["exit"]) == ("end", 0)
    assert set(last["asked"]) == {"backend", "postgres", "redis", "worker", "node-exporter"}
    assert json.dumps(last)


@pytest.mark.proof
def test_down_leaves_nothing(checkout_copy, tmp_path_factory, project_in):
    other = project_in(tmp_path_factory.mktemp("other"))
    shutil.copytree(other.checkout / "systems", other.root / "systems", dirs_exist_ok=True)
    try:
        started = other.drillbook("up", "deal-scout")
        assert started.code == 0, started.said
        [name] = re.findall(r"as compose project (\S+)", started.said)
    finally:
        removed = other.drillbook("down", "deal-scout")
    assert removed.code == 0, removed.said
    ours = ("--filter", f"label=com.docker.compose.project={name}", "--quiet")
    left = [docker("ps", "--all", *ours), docker("network", "ls", *ours), docker("volume", "ls", *ours)]
    assert left == ["", "", ""]
    kept = {path.name for path in (other.root / ".drillbook").iterdir()}
    assert kept == {".gitignore", "deal-scout@local.lock"}
    assert "nothing of deal-scout@local is there" in other.drillbook("down", "deal-scout").said
