"""What the engine costs, side by side in one run: a check beside an empty test, pytest with the plugin and without.

Prints medians and fails where a goal is missed: at most 5 ms a check without I/O, at most 150 ms for an empty pytest.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
ROUNDS = 7
MANY = 200
PER_CHECK_MS = 5.0
PER_RUN_MS = 150.0
SYSTEM = """
[system]
name = "none"
[services.web]
kind = "http"
url = { env = "NONE_URL" }
[environments.local]
kind = "local"
"""
CHECK = """
from drillbook.judging.observation import Observation
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_x(judge, number):
    judge("api.up", Observation(True))
"""
EMPTY = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_x(number):
    pass
"""
PLAIN = ("-p", "no:drillbook.plugin")
CHECKED = ("--target", "none@local")


def project(root: Path, folder: str, text: str) -> Path:
    """A project with one file in `folder`."""
    (root / folder).mkdir(parents=True)
    (root / "systems" / "none").mkdir(parents=True)
    (root / "systems" / "house.toml").symlink_to(CHECKOUT / "systems" / "house.toml")
    (root / "systems" / "none" / "system.toml").write_text(SYSTEM)
    (root / "pyproject.toml").write_text(
        '[tool.pytest]\naddopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]\n'
    )
    (root / folder / "test_x.py").write_text(text)
    return root


def seconds(root: Path, *arguments: str) -> float:
    """How long one pytest takes."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "NONE_URL": "http://h"}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()
    return time.perf_counter() - began


def main() -> int:
    """Measures in turns, so that a slow moment of the machine meets all sides alike."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        sides = {
            "one empty test, no plugin": (project(root / "a", "other", EMPTY.format(count=1)), ("other", *PLAIN)),
            "one empty test": (project(root / "b", "other", EMPTY.format(count=1)), ("other",)),
            f"{MANY} empty tests": (project(root / "c", "other", EMPTY.format(count=MANY)), ("other",)),
            "one check": (project(root / "d", "checks", CHECK.format(count=1)), ("checks", *CHECKED)),
            f"{MANY} checks": (project(root / "e", "checks", CHECK.format(count=MANY)), ("checks", *CHECKED)),
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, (where, arguments) in sides.items():
                times[name].append(seconds(where, *arguments))
    none, one, many, check, checks = (statistics.median(of) * 1000 for of in times.values())
    per_check = (checks - check - (many - one)) / (MANY - 1)
    for name, of in times.items():
        spread = f"{min(of) * 1000:.0f} to {max(of) * 1000:.0f}"
        print(f"{name:28} {statistics.median(of) * 1000:7.0f} ms  (of {ROUNDS}: {spread})")
    print(f"the engine costs {per_check:.2f} ms a check (at most {PER_CHECK_MS:.0f})")
    print(f"the plugin adds {one - none:.0f} ms to an empty pytest (at most {PER_RUN_MS:.0f})")
    return int(per_check > PER_CHECK_MS or one - none > PER_RUN_MS)


if __name__ == "__main__":
    sys.exit(main())
