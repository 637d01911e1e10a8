"""The wheel is whole: all that the package and a repository of one's own need is in it, and nothing else."""

from __future__ import annotations

import subprocess
from zipfile import ZipFile

import pytest

STANDARD = ("checks", "conftest.py", "systems/house.toml")


@pytest.fixture
def tracked(pytestconfig):
    """The files of the package and of the standard content, as a wheel has them."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "src/drillbook", *STANDARD]
    done = subprocess.run(listed, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=True)
    there = [path for path in done.stdout.splitlines() if (pytestconfig.rootpath / path).is_file()]
    return {path.removeprefix("src/") if path.startswith("src/") else f"drillbook/standard/{path}" for path in there}


def test_it_has_every_file_and_no_other(wheel, tracked):
    with ZipFile(wheel) as packed:
        assert {name for name in packed.namelist() if ".dist-info/" not in name} == tracked


def test_what_it_has_runs_as_it_does_here(wheel, tracked):
    with ZipFile(wheel) as packed:
        modes = {one.filename: one.external_attr >> 16 & 0o100 for one in packed.infolist()}
    entry = "drillbook/doctor/standins/redis/docker-entrypoint.sh"
    assert entry in tracked
    assert modes[entry]
