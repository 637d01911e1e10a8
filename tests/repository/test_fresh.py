"""From the wheel alone, with no checkout in reach: a repository, a first verdict, a copy and a drill."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from drillbook.doctor import engine

pytestmark = pytest.mark.proof

MACHINE = ("PIP_", "SSL_", "DOCKER_")
MOST = 34  # half of what everything is
SERVE = "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler); "
SERVE += "print(s.server_port, flush=True); s.serve_forever()"
COMPOSE = """
services:
  cache:
    image: redis:7
    command: ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir", "/tmp"]
    healthcheck: {test: ["CMD-SHELL", "redis-cli ping | grep -q PONG"], interval: 1s, retries: 30}
"""
STORE = """
[system]
name = "store"
[services.cache]
kind = "redis"
roles = ["cache"]
url = { env = "STORE_REDIS_URL" }
[limits."cache.hit_rate"]
when_idle = "skip"
[environments.local]
kind = "local"
[stack]
compose = "compose.yaml"
addresses = { STORE_REDIS_URL = "redis://{cache:6379}" }
"""


@dataclass
class Fresh:
    """A Python of its own with the wheel, and a folder to work in."""

    python: Path
    folder: Path
    wheels: Path

    def run(self, command: str, **environ: str) -> tuple[int, str]:
        """What a line of a shell comes to there."""
        options = {
            "cwd": self.folder,
            "stdin": subprocess.DEVNULL,
            "env": self.environ | environ,
            "capture_output": True,
            "text": True,
        }
        done = subprocess.run(["bash", "-c", command], check=False, **options)
        return done.returncode, done.stdout + done.stderr

    @property
    def environ(self) -> dict[str, str]:
        """What a user has: nothing of the checkout's, whose versions are taken all the same."""
        kept = {name: text for name, text in os.environ.items() if name == "HOME" or name.startswith(MACHINE)}
        links = " ".join(filter(None, (str(self.wheels), os.environ.get("PIP_FIND_LINKS"))))
        path = f"{self.python / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        pip = {"PIP_FIND_LINKS": links, "PIP_CONSTRAINT": str(Path(__file__).parents[2] / "constraints.txt")}
        return {**kept, **pip, "PATH": path, "GITHUB_STEP_SUMMARY": str(self.python / "summary.md")}


@pytest.fixture(scope="module")
def fresh(wheel, tmp_path_factory):
    """A new repository, made by what the wheel alone installs."""
    python, folder = tmp_path_factory.mktemp("python"), tmp_path_factory.mktemp("work")
    subprocess.run([sys.executable, "-m", "venv", str(python)], check=True)
    made = Fresh(python, folder, wheel.parent)
    for command in (f"pip install --quiet {wheel}", "drillbook new ops"):
        code, said = made.run(command)
        assert code == 0, said
    return Fresh(python, folder / "ops", wheel.parent)


@pytest.fixture(scope="module")
def steps(fresh):
    """What the repository's workflow runs, line by line."""
    workflow = yaml.safe_load((fresh.folder / ".github" / "workflows" / "checks.yml").read_text())
    return [step["run"] for step in workflow["jobs"]["checks"]["steps"] if "run" in step]


@contextmanager
def served(folder):
    """Files, served by a server of Python's own; gives its URL."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def test_the_workflow_of_a_new_repository_comes_to_a_first_verdict(fresh, steps, tmp_path):
    health = tmp_path / "health"
    health.write_text(json.dumps({"status": "ok"}))
    with served(tmp_path) as url:
        settings = {"TARGET": "shop@local", "SHOP_URL": url}
        code, said = fresh.run(f"drillbook init shop --url {url}")
        assert code == 0, said
        ran = [fresh.run(step, **settings) for step in steps]
        assert [code for code, _ in ran] == [0] * len(steps), ran
        health.write_text(json.dumps({"status": "down"}))
        [check] = [step for step in steps if step.startswith("pytest")]
        code, said = fresh.run(check, **settings)
    assert code == 1
    assert "HIGH api.healthy: no" in said
    assert "0 fail the gate" in (fresh.python / "summary.md").read_text()
    there = fresh.run("pip list --format=freeze")[1].splitlines()
    assert len([line for line in there if not line.startswith(("pip=", "setuptools="))]) <= MOST


def test_drills_come_with_their_extra_and_need_only_the_images_of_their_compose_file(fresh):
    system, chaos = fresh.folder / "systems" / "store", fresh.folder / "chaos"
    system.mkdir()
    (system / "system.toml").write_text(STORE)
    (system / "compose.yaml").write_text(COMPOSE)
    [drill] = re.findall(r"```python\n(.*?)```", (chaos / "README.md").read_text(), re.DOTALL)
    (chaos / "test_cache_killed.py").write_text(drill)
    code, said = fresh.run("pytest chaos --target store")
    assert (code, "pip install 'drillbook[chaos]'" in said) == (4, True), said
    assert fresh.run("pip install --quiet 'drillbook[chaos]'")[0] == 0
    code, said = fresh.run("drillbook doctor")
    assert code == 0, said
    assert [line.split(":")[0] for line in said.splitlines()][-2:] == ["disk", "redis"]
    commands = ("drillbook up store", "pytest checks --target store@local", "pytest chaos --target store")
    try:
        for command in commands:
            code, said = fresh.run(command)
            assert code == 0, said
    finally:
        assert fresh.run("drillbook down store")[0] == 0
    assert "symptom: redis.up" in said
    assert not engine.client().containers.list(all=True, filters={"name": "drillbook-store"})


def test_nothing_of_the_checkout_is_in_reach(fresh, pytestconfig):
    code, said = fresh.run("python -c 'import drillbook, sys; print(drillbook.__file__, sys.path)'")
    assert code == 0, said
    assert str(fresh.python) in said
    assert str(pytestconfig.rootpath) not in said
