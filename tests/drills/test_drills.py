"""The drills of this checkout come out, watched by its real checks; and `--control` shows that the fixes matter."""

from __future__ import annotations

import re
import subprocess
import textwrap
from pathlib import Path

import pytest

ORDER = ["steady state", "fault", "witness", "symptom"]
DRILLS = {"redis_killed", "pool_exhausted", "disk_full"}


def phases(project) -> dict[str, list[str]]:
    """The phases of each drill as journalled, in their order."""
    found: dict[str, list[str]] = {}
    current: dict[str, list[str]] = {}
    for line in project.journal():
        who = line.get("worker", "")
        if line["kind"] == "drill":
            current[who] = found.setdefault(line["check"].rpartition("test_")[2], [])
        elif line["kind"] == "phase" and line["phase"] != "stack":
            current[who].append(line["phase"])
    return found


def labelled(run: str) -> str:
    """Everything on the engine that carries the run's label."""
    kinds = (("ps", "--all"), ("network", "ls"), ("volume", "ls"))
    wanted = ("--quiet", "--filter", f"label=drillbook={run}")
    return "".join(subprocess.run(["docker", *kind, *wanted], capture_output=True, text=True).stdout for kind in kinds)


@pytest.fixture(scope="module")
def rehearsed(drill_project):
    """One run of all drills."""
    project = drill_project()
    project.ran = project.pytest("chaos", "--target", "deal-scout", seconds=1200)
    return project


def test_the_three_drills_come_out(rehearsed):
    assert rehearsed.ran.code == 0, rehearsed.ran.said
    assert set(phases(rehearsed)) == DRILLS


def test_each_says_how_long_it_took_to_detect_and_to_recover(rehearsed):
    said = re.findall(
        r"^OK drill\.(\w+): yes, detected in [\d.]+ s, recovered [\d.]+ s after", rehearsed.ran.said, re.MULTILINE
    )
    assert set(said) == DRILLS


def test_the_journal_has_every_phase_in_its_order(rehearsed):
    for drill, found in phases(rehearsed).items():
        written = [] if drill == "redis_killed" else ["as written"] * 2
        assert found == [*ORDER, *written, "fix", "recovery", "restored", "ledger", "ledger"], drill


def test_the_journal_has_what_the_watch_saw_and_what_clients_met(rehearsed):
    kinds = {line["kind"] for line in rehearsed.journal()}
    assert {"run", "drill", "phase", "round", "verdict", "ledger", "traffic", "end"} <= kinds
    watched = [line for line in rehearsed.journal() if line["kind"] == "verdict" and "round" in line]
    assert {line["verdict"] for line in watched if line["name"] == "redis.up"} == {"OK", "BREACHED"}


def test_what_was_acknowledged_is_counted_and_none_of_it_is_lost(rehearsed):
    accounts = [line for line in rehearsed.journal() if line["kind"] == "ledger" and line["when"] == "after the fix"]
    assert len(accounts) == 2 * len(DRILLS)
    orders = [line for line in accounts if line["ledger"] == "orders"]
    assert all(line["acknowledged"] > 20 and line["lost"] == [] for line in orders)


def test_nothing_is_left_of_the_run(rehearsed):
    run = (rehearsed.root / "reports" / "latest").resolve().name
    assert labelled(run) == ""


@pytest.mark.proof
def test_without_its_fix_no_drill_recovers(drill_project):
    project = drill_project()
    for path in (project.root / "chaos").glob("test_*.py"):
        text = path.read_text()
        path.write_text(re.sub(r"recovers_within=\d+", "recovers_within=10", text))
    ran = project.pytest("chaos", "--target", "deal-scout", "--control", "-n", "2", seconds=1200)
    assert ran.code == 0, ran.said
    assert ran.said.count("and did not recover without its fix") == 3


@pytest.mark.proof
def test_ten_rounds_come_to_the_same_verdicts(drill_project):
    project = drill_project()
    for number in range(10):
        ran = project.pytest("chaos", "--target", "deal-scout", seconds=1200)
        assert ran.code == 0, f"round {number + 1}: {ran.said}"
        assert set(phases(project)) == DRILLS


@pytest.mark.proof
def test_the_drill_of_the_readme_comes_out(drill_project):
    text = (Path(__file__).parents[2] / "README.md").read_text()
    [drill] = re.findall(r"^  # chaos/test_redis_paused\.py\n(.*?)^  ```", text, re.MULTILINE | re.DOTALL)
    project = drill_project(textwrap.dedent(drill))
    ran = project.pytest("chaos", "--target", "deal-scout", seconds=1200)
    assert ran.code == 0, ran.said
    assert "OK drill.redis_hangs: yes" in ran.said
