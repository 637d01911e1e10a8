"""The other Pythons that are supported, where they are at hand: installed from the checkout, and its tests run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.proof

CHECKOUT = Path(__file__).parents[1]
SUPPORTED = ("3.11", "3.12", "3.13")
THIS = "{}.{}".format(*sys.version_info[:2])
TESTS = (
    "tests/judging/test_limit.py",
    "tests/judging/test_gate.py",
    "tests/system/test_system_file.py",
    "tests/common/test_outputs.py",
)
TESTS += ("tests/probes", "tests/runs/test_rounds.py", "tests/test_readme.py", "tests/stack")


def at_hand(version: str) -> str | None:
    """A Python of that version that can make virtual environments: on the PATH, or one that pyenv keeps."""
    kept = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python3")
    found = [one for one in (shutil.which(f"python{version}"), *map(str, kept)) if one]
    works = (one for one in found if not subprocess.run([one, "-c", "import ensurepip"], check=False).returncode)
    return next(works, None)


@pytest.mark.parametrize("version", [one for one in SUPPORTED if one != THIS])
def test_it_works_with(version, tmp_path):
    python = at_hand(version)
    if python is None:
        pytest.skip(f"no Python {version} at hand")
    pip = [str(tmp_path / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "venv", str(tmp_path)], check=True)
    subprocess.run([*pip, "pip>=25.1"], check=True)
    subprocess.run([*pip, "-c", "constraints.txt", "-e", ".[all]", "--group", "dev"], cwd=CHECKOUT, check=True)
    command = [str(tmp_path / "bin" / "python"), "-m", "pytest", "-q", "-m", "not proof", *TESTS]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-6000:]
