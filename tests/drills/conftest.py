"""Drills as users run them: `pytest chaos` in a project that has the checkout's systems, checks and drills."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def drill_project(tmp_path_factory, project_in):
    """Makes such a project; with `drills`, that text takes the place of the checkout's drills."""

    def make(drills: str | None = None):
        project = project_in(tmp_path_factory.mktemp("drills"))
        for folder in ("systems", "checks"):
            shutil.copytree(CHECKOUT / folder, project.root / folder, dirs_exist_ok=True)
        if drills is None:
            shutil.copytree(CHECKOUT / "chaos", project.root / "chaos")
        else:
            project.write("chaos/test_drills.py", drills)
        return project

    return make
