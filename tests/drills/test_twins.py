"""Every drill has negative twins: one thing is wrong with each, and it comes out in the phase where it belongs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
COMES_OUT = {
    "does_not_bite": "witness: the fault did not bite",
    "is_not_seen": "witness: the fault did not bite: nobody saw anything",
    "is_not_mended": "recovery: not green within 7 s",
    "heals_by_itself": "recovery: healed by itself: the fix had left everything as it was",
    "does_not_hold": "holds: api.healthy did not hold: HIGH api.healthy: no",
    "turns_red_unasked": "turned red unasked",
    "loses_a_write": "ledger: orders: LOST",
}
DRILLS = (
    "chaos/test_redis_killed.py::REDIS_KILLED",
    pytest.param("chaos/test_pool_exhausted.py::POOL_EXHAUSTED", marks=pytest.mark.proof),
    pytest.param("chaos/test_disk_full.py::DISK_FULL", marks=pytest.mark.proof),
)


@pytest.mark.parametrize("drill", DRILLS)
def test_each_twin_fails_in_the_right_phase(drill_project, drill):
    project = drill_project("")
    shutil.copy(CHECKOUT / "tests" / "drills" / "twins.py", project.root / "chaos" / "test_drills.py")
    path, _, name = drill.partition("::")
    twins_of = f"{CHECKOUT / path}::{name}"
    ran = project.pytest("chaos", "--target", "deal-scout", "-n", "2", environ={"TWINS_OF": twins_of}, seconds=1200)
    verdicts = [line for line in project.journal() if line["kind"] == "verdict" and line["name"].startswith("drill.")]
    found = {line["name"]: (line["verdict"], line["reason"]) for line in verdicts}
    assert ran.code == 1, ran.said
    assert set(found) == {f"drill.twin[{twin}]" for twin in COMES_OUT}, ran.said
    for twin, words in COMES_OUT.items():
        verdict, reason = found[f"drill.twin[{twin}]"]
        assert words in reason, ran.said
        assert verdict == ("UNKNOWN" if words.startswith("witness") else "BREACHED")


OTHERS = """
from contextlib import contextmanager
from dataclasses import replace
import importlib.util

from drillbook.faults import Fault, killed
from drillbook.fixes import Fix, restart

spec = importlib.util.spec_from_file_location("redis_killed", "PATH")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
DRILL = module.REDIS_KILLED


def test_names_a_symptom_that_stays_green(rehearse):
    rehearse(replace(DRILL, symptom=("redis.up", "database.up"), holds=(), may=("*",), detects_within=5))


def test_as_written_heals(rehearse):
    rehearse(replace(DRILL, as_written=restart("redis"), as_written_within=20))


def test_names_no_limit(rehearse):
    rehearse(replace(DRILL, symptom=("redis.pu",)))


def test_is_for_another_system(rehearse):
    rehearse(replace(DRILL, holds=("cars.ok",)))


def test_names_no_section(rehearse):
    rehearse(replace(DRILL, runbook="Redis Unraechable"))


def test_rehearses_nothing(rehearse):
    pass
"""


def test_what_else_can_be_wrong_with_a_drill_is_said(drill_project):
    project = drill_project(OTHERS.replace("PATH", str(CHECKOUT / "chaos" / "test_redis_killed.py")))
    ran = project.pytest("chaos", "--target", "deal-scout", seconds=1200)
    assert ran.code == 1, ran.said
    assert "symptom: not red within 5 s: OK database.up: yes" in ran.said
    assert "as written: restart redis healed it, and must not" in ran.said
    assert "no limit is called 'redis.pu'" in ran.said
    assert (
        "not covered: chaos/test_drills.py::test_is_for_another_system: deal-scout has no limit called cars.ok"
        in ran.said
    )
    assert "runbook: 'Redis Unraechable' is not among runbook.sections" in ran.said
    assert "UNKNOWN (critical) test_rehearses_nothing: this check judged nothing" in ran.said
