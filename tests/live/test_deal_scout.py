"""The whole line on a real system: from a limit in its file to an exit code, healthy and broken."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import time
from contextlib import contextmanager

import pytest

TARGET = ("checks", "--target", "deal-scout@local")
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
    deadline = time.monotonic() + 30
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
        again = project.drillbook("up", "deal-scout")
        assert again.code == 0, again.said


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


def test_a_healthy_system_is_green_by_at_least_25_limits(deal_scout):
    ran = deal_scout.pytest(*TARGET)
    assert ran.code == 0, ran.said
    verdicts = deal_scout.verdicts()
    assert len(verdicts) >= FEWEST_LIMITS
    assert "UNKNOWN" not in verdicts.values(), ran.said


def test_two_workers_come_to_the_same_verdicts(deal_scout):
    assert deal_scout.pytest(*TARGET).code == 0
    alone = deal_scout.verdicts()
    ran = deal_scout.pytest(*TARGET, "-n", "2")
    assert ran.code == 0, ran.said
    assert deal_scout.verdicts() == alone


def test_what_up_started_is_loaded_freely_and_holds_its_p95(deal_scout):
    ran = deal_scout.pytest(*DEMO)
    assert ran.code == 0, ran.said
    assert deal_scout.verdicts() == {"api.p95(demo)": "OK", "api.errors(demo)": "OK"}
    [end] = [line for line in deal_scout.journal() if line["kind"] == "loaded"]
    assert end["served"] == end["requests"] == end["asked"]
    assert re.search(r"demo: \d+ of 20 s, \d+ requests so far", ran.said), "it says how far it is"


def test_every_limit_names_a_section_of_the_runbook_or_the_house(deal_scout):
    deal_scout.pytest(*TARGET)
    sources = {line["from"] for line in deal_scout.journal() if line["kind"] == "verdict"}
    assert {"Redis Unreachable", "API Latency", "Disk Full", "house default"} <= sources


def test_a_killed_redis_is_named_with_its_severity_and_section(deal_scout):
    with broken(deal_scout, "kill", "start", "redis"):
        ran = deal_scout.pytest(*TARGET)
        verdicts = deal_scout.verdicts()
    assert ran.code == 1, ran.said
    [line] = re.findall(r"^HIGH redis\.up: .*$", ran.said, re.MULTILINE)[-1:]
    assert "runbook: Redis Unreachable" in line
    assert verdicts["deals.ok"] == "OK", "deals are served without the cache"
    assert verdicts["redis.ping"] == "UNKNOWN", "what depends on a dead service is not judged"


@pytest.mark.proof
def test_a_paused_redis_is_found_too_and_in_time(deal_scout):
    with broken(deal_scout, "pause", "unpause", "redis"):
        ran = deal_scout.pytest(*TARGET, seconds=30)
        assert deal_scout.verdicts()["deals.ok"] == "OK"
    assert ran.code == 1, ran.said
    assert "HIGH redis.up: no" in ran.said


@pytest.mark.proof
def test_a_stopped_database_is_critical_while_the_api_still_answers(deal_scout):
    with broken(deal_scout, "stop", "start", "postgres"):
        ran = deal_scout.pytest(*TARGET)
        verdicts = deal_scout.verdicts()
    assert ran.code == 1, ran.said
    assert "CRITICAL database.up: no" in ran.said
    assert verdicts["api.up"] == "OK"
    assert verdicts["health.postgres"] == "BREACHED"


@pytest.mark.proof
def test_no_workers_are_noticed_at_the_broker(deal_scout):
    with broken(deal_scout, "kill", "start", "worker"):
        ran = deal_scout.pytest(*TARGET)
    assert ran.code == 1, ran.said
    assert "HIGH queue.workers: 0 workers < 1 workers" in ran.said


def test_a_total_outage_is_critical_and_not_could_not_tell(deal_scout):
    with broken(deal_scout, "stop", "start"):
        ran = deal_scout.pytest(*TARGET)
    assert ran.code == 1, ran.said
    assert "CRITICAL api.up: no, /health: connection refused" in ran.said


def test_a_metric_that_is_not_there_is_answered_with_those_that_are(deal_scout):
    path = "systems/deal-scout/system.toml"
    deal_scout.edit(path, '"http_requests_total"', '"http_request_total"')
    try:
        ran = deal_scout.pytest(*TARGET)
    finally:
        deal_scout.edit(path, '"http_request_total"', '"http_requests_total"')
    assert ran.code == 11, ran.said
    assert "http_requests_total" in ran.said


@pytest.mark.parametrize(
    ("variable", "old", "new", "message"),
    [
        ("DEAL_SCOUT_DATABASE_URL", "/deals", "/postgres", "answered by database postgres, not deals"),
        ("DEAL_SCOUT_DATABASE_URL", "deals:", "deals:wrong-", "login refused"),
        ("DEAL_SCOUT_REDIS_URL", "redis://", "redis://:wrong-password@", "login refused"),
    ],
)
def test_the_wrong_server_or_login_is_never_green(deal_scout, variable, old, new, message):
    kept = (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()
    [address] = re.findall(rf"^{variable}=(.*)$", kept, re.MULTILINE)
    head, found, tail = address.rpartition(old) if old == "/deals" else address.partition(old)
    assert found
    ran = deal_scout.pytest(*TARGET, environ={variable: head + new + tail})
    assert ran.code == 11, ran.said
    assert message in ran.said
    assert f"{variable} is taken from the environment" in ran.said


def test_postgres_on_the_port_of_redis_is_not_green(deal_scout):
    kept = (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()
    [port] = re.findall(r"DEAL_SCOUT_DATABASE_URL=.*:(\d+)/", kept)
    ran = deal_scout.pytest(*TARGET, environ={"DEAL_SCOUT_REDIS_URL": f"redis://127.0.0.1:{port}/0"})
    assert ran.code in (1, 11), ran.said
    assert deal_scout.verdicts()["redis.up"] != "OK"


def test_a_role_that_could_write_is_refused_in_production(deal_scout):
    kept = (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()
    addresses = dict(line.split("=", 1) for line in kept.splitlines())
    target = ("checks", "--target", "deal-scout@production")
    refused = deal_scout.pytest(*target, environ=addresses)
    assert refused.code == 12, refused.said
    assert "give production a role that can only read" in refused.said
    reader = {**addresses, "DEAL_SCOUT_DATABASE_URL": addresses["DEAL_SCOUT_MONITOR_URL"]}
    allowed = deal_scout.pytest(*target, environ=reader)
    assert allowed.code == 0, allowed.said


def test_reports_are_private_and_hold_no_password(deal_scout):
    deal_scout.pytest(*TARGET)
    kept = (deal_scout.root / ".drillbook" / "deal-scout@local.env").read_text()
    passwords = re.findall(r"_PASSWORD=(.+)", kept)
    files = [path for path in (deal_scout.root / "reports").rglob("*") if path.is_file()]
    assert {"journal.jsonl", "junit.xml", "summary.md"} <= {path.name for path in files}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not [path for path in files for password in passwords if password in path.read_text()]


def test_the_journal_ends_with_what_the_run_asked(deal_scout):
    deal_scout.pytest(*TARGET)
    last = deal_scout.journal()[-1]
    assert (last["kind"], last["exit"]) == ("end", 0)
    assert set(last["asked"]) == {"backend", "postgres", "redis", "worker", "node-exporter"}
    assert json.dumps(last)


@pytest.mark.proof
def test_down_leaves_nothing(checkout_copy, tmp_path_factory, project_in):
    import shutil

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
    assert [path.name for path in (other.root / ".drillbook").iterdir()] == ["deal-scout@local.lock"]
    assert "nothing of deal-scout@local is there" in other.drillbook("down", "deal-scout").said
