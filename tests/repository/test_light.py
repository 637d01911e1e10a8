"""Checks alone are light: half the packages, and what is not installed is said with the command that installs it."""

from __future__ import annotations

from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAVY = ("docker", "testcontainers", "locust", "gevent", "geventhttpclient", "hdrh", "xdist", "execnet", "boto3")
WITHOUT = f"""
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {HEAVY!r} else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
"""
SYSTEM = """
[system]
name = "shop"
[services.web]
kind = "http"
roles = ["api"]
url = { env = "SHOP_URL" }
health = { path = "/health", up = "$.status == 'ok'" }
[services.applog]
kind = "log"
container = "web"
[environments.staging]
kind = "staging"
[environments.local]
kind = "local"
[stack]
compose = "compose.yaml"
addresses = { SHOP_URL = "http://{web:80}" }
"""


def packages(name, extras=frozenset(), found=None):
    """All that is installed with a package: each by name, with the extras that were asked for."""
    found = {} if found is None else found
    if extras <= found.get(name, set()) and name in found:
        return found
    found[name] = {*found.get(name, ()), *extras}
    for needed in map(Requirement, requires(name) or ()):
        if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            packages(canonicalize_name(needed.name), frozenset(needed.extras), found)
    return found


@pytest.fixture
def light(project):
    """A project whose Python has none of what only drills and profiles need."""
    project.write("without/sitecustomize.py", WITHOUT)
    project.write("systems/shop/system.toml", SYSTEM)
    project.environ |= {"PYTHONPATH": str(project.root / "without"), "SHOP_URL": "http://127.0.0.1:9"}
    return project


def test_checks_alone_need_half_the_packages_and_as_many_as_the_readme_says(pytestconfig):
    alone, everything = packages("drillbook"), packages("drillbook", frozenset({"chaos", "load"}))
    assert len(alone) <= len(everything) / 2
    assert f"checks alone, {len(alone)} packages;" in (pytestconfig.rootpath / "README.md").read_text()
    assert not {"docker", "testcontainers", "locust", "gevent", "pytest-xdist"} & {*alone}
    assert {"docker", "testcontainers", "locust", "gevent", "pytest-xdist"} <= {*everything}


def test_checks_do_without_them(light):
    light.edit("systems/shop/system.toml", '[services.applog]\nkind = "log"\ncontainer = "web"\n', "")
    light.write("checks/test_shop.py", 'def test_up(api, judge):\n    judge("api.up", api.answers())\n')
    ran = light.pytest("checks", "--target", "shop@staging", cold=True)
    assert ran.code == 1, ran.said
    assert light.verdicts()["api.up"] == "BREACHED"
    assert (light.root / "reports" / "latest" / "index.html").is_file()


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("pytest", "chaos", "--target", "shop"), "pytest chaos needs docker and testcontainers, not installed here: "),
        (("pytest", "load", "--target", "shop@staging"), "pytest load needs locust and hdrh, not installed here: "),
        (
            ("pytest", "checks", "--target", "shop@local"),
            "the log of a copy's container needs docker and testcontainers",
        ),
        (("drillbook", "up", "shop"), "drillbook: drillbook up needs docker and testcontainers, not installed here: "),
        (("drillbook", "down", "shop"), "drillbook: drillbook down needs docker"),
        (("drillbook", "doctor", "--for", "load"), "drillbook doctor --for load needs locust and hdrh"),
        (("drillbook", "sweep"), "drillbook: drillbook sweep needs docker"),
    ],
)
def test_what_needs_them_says_how_to_install_them(light, command, line):
    for name in ("checks", "chaos", "load"):
        light.write(f"{name}/test_it.py", "def test_it():\n    pass\n")
    run = light.pytest if command[0] == "pytest" else light.drillbook
    ran = run(*command[1:], cold=True)
    extra = "load" if "load" in command else "chaos"
    assert ran.code == 4, ran.said
    assert line in ran.said
    assert f"pip install 'drillbook[{extra}]'" in ran.said
    assert "Traceback" not in ran.said


def test_a_doctor_who_has_none_of_them_asks_for_python_alone(light):
    ran = light.drillbook("doctor", cold=True)
    assert (ran.code, len(ran.said.splitlines())) == (0, 1), ran.said
