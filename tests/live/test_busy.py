"""A healthy copy on a busy machine, beside a client that knows nothing of us; and the same copy, slowed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench" / "busy.py"
OK = {"name": "redis.ping", "verdict": "OK", "value": 2.0, "unit": "ms", "limit": "", "late": 0.0, "reason": ""}
SLOW = OK | {"verdict": "BREACHED", "value": 210.0, "limit": "> 50 ms"}
BUSY = OK | {"verdict": "UNKNOWN", "value": None, "reason": "this machine was too busy to tell: 80 ms"}
OTHER = BUSY | {"reason": "no answer within 3 s"}
NEAR, FAR = {"name": "redis.ping", "began": 11.0, "ended": 11.3}, {"name": "redis.ping", "began": 90.0, "ended": 90.3}


@pytest.fixture(scope="module")
def bench():
    """The script that measures."""
    spec = importlib.util.spec_from_file_location("bench_busy", BENCH)
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("healthy", "slowed", "code", "client", "missed"),
    [
        (OK, SLOW, 1, [], None),
        (SLOW, SLOW, 1, [], "ours alone"),
        (SLOW, SLOW, 1, [NEAR | {"ms": 40.0}], "ours alone"),
        (SLOW, SLOW, 1, [FAR | {"ms": 240.0}], "ours alone"),
        (SLOW, SLOW, 1, [NEAR | {"ms": 240.0, "name": "health.latency"}], "ours alone"),
        (SLOW, SLOW, 1, [NEAR | {"ms": 240.0}], None),
        (SLOW, SLOW, 1, [NEAR | {"ms": None}], None),
        (BUSY, SLOW, 1, [], "could not tell"),
        (OTHER, SLOW, 1, [], "could not be told"),
        (OK, OK, 1, [], "slower"),
        (OK, SLOW, 0, [], "slower"),
        (OK, BUSY, 1, [], "slower"),
    ],
)
def test_a_goal_that_is_not_held_is_missed(bench, healthy, slowed, code, client, missed):
    rounds = [bench.Round(10.0, 12.0, [line]) for line in (healthy, slowed)]
    runs = [bench.Ran(0, [rounds[0]] * 2), bench.Ran(code, [rounds[1]] * 2)]
    told = [bench.Told("x", 2, [run], client) for run in runs for _ in "12"]
    goals = bench.goals_of(told, 200)
    lost = [goal for goal, held in goals.items() if not held]
    assert any(missed in goal for goal in lost) if missed else not lost
    for one in told:
        one.say()


def test_rounds_that_are_missing_are_missed(bench):
    ran = bench.Ran(0, [bench.Round(10.0, 12.0, [OK])])
    told = [bench.Told("x", 2, [ran], []) for _ in range(4)]
    assert not bench.goals_of(told, 200)["every run and round came to its end"]


@pytest.mark.proof
def test_nobody_is_blamed_for_our_lateness_and_what_is_slow_is_seen():
    command = [sys.executable, str(BENCH), "--runs", "2", "--rounds", "10", "--loops", "4"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
