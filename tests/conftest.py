"""What tests of whole runs share: a small project of their own, and pytest run in it as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PYPROJECT = """
[tool.pytest]
addopts = ["--import-mode=importlib", "-p", "no:locust", "-p", "no:cacheprovider"]
testpaths = ["tests"]
"""
OURS = ("DRILLBOOK_", "DEAL_SCOUT_", "SHOP_", "PYTEST_", "COMPOSE_")


@dataclass
class Ran:
    """What a command came to: its exit code and everything it said."""

    code: int
    said: str


@dataclass
class Project:
    """A folder with `systems/` and `checks/`, like a checkout."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    checkout: Path = CHECKOUT

    def write(self, path: str, text: str) -> None:
        """Writes a file of the project."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces what must be there."""
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new))

    def run(self, *command: str, seconds: float = 120, environ: dict[str, str] | None = None, **options: object) -> Ran:
        """Runs a program of this Python's environment in the project."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        images = {name: value for name, value in os.environ.items() if name.startswith("DRILLBOOK_IMAGE_")}
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.root,
            env={**inherited, **images, **self.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
            **options,
        )
        return Ran(done.returncode, done.stdout)

    def pytest(self, *arguments: str, **options: object) -> Ran:
        """Runs pytest in the project."""
        return self.run("pytest", *arguments, **options)

    def drillbook(self, *arguments: str, **options: object) -> Ran:
        """Runs the command `drillbook` in the project."""
        return self.run("drillbook", *arguments, seconds=240, **options)

    def journal(self) -> list[dict[str, object]]:
        """The lines of the newest run's journal."""
        text = (self.root / "reports" / "latest" / "journal.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def verdicts(self) -> dict[str, str]:
        """The newest run's verdicts, by what was judged."""
        lines = [line for line in self.journal() if line["kind"] == "verdict"]
        return {f"{line['name']}({line['of']})" if line["of"] else line["name"]: line["verdict"] for line in lines}


def make_project(root: Path) -> Project:
    """An empty project in `root` that shares nothing with the checkout but the house defaults."""
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    made.write("systems/house.toml", (CHECKOUT / "systems" / "house.toml").read_text())
    return made


@pytest.fixture
def project(tmp_path):
    """An empty project of the test's own."""
    return make_project(tmp_path)


@pytest.fixture(scope="session")
def project_in():
    """Makes an empty project in a given folder."""
    return make_project
