"""What a run with checks loads: what it asks for, and nothing that only tests, drills or profiles need."""

from __future__ import annotations

import json

import pytest

RUN = ("checks", "--target", "shop@local", "--interval", "0.1")
HEAVY = (
    "hypothesis",
    "anyio.pytest_plugin",
    "locust",
    "gevent",
    "docker",
    "testcontainers",
    "psycopg",
    "redis",
    "typer",
)
TELLS = f"""
import json, sys
from pathlib import Path

def pytest_unconfigure():
    Path("loaded.json").write_text(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""


@pytest.fixture
def loaded(shop_project):
    """Runs the checks with the checkout's settings, as users do: gives what was loaded of the above."""
    text = (shop_project.checkout / "pyproject.toml").read_text()
    shop_project.write("conftest.py", TELLS)

    def run(*edit):
        shop_project.write("pyproject.toml", text.replace(*edit) if edit else text)
        ran = shop_project.run("pytest", *RUN, cold=True)
        assert ran.code == 0, ran.said
        return json.loads((shop_project.root / "loaded.json").read_text())

    return run


def test_a_run_with_checks_loads_nothing_that_it_does_not_ask_for(loaded):
    assert loaded() == []


def test_it_is_the_settings_that_leave_the_tests_plugins_out(loaded):
    assert loaded('"-p", "no:hypothesispytest",', "") == ["hypothesis"]


def test_our_own_tests_have_theirs(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("_hypothesis_pytestplugin")
