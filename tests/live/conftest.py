"""A real copy of deal-scout for all tests that run here: started once, with `drillbook up`, in a project of its own.

With `--times 20` they come in turn twenty times, on that one copy, and every core is kept busy meanwhile.
"""

from __future__ import annotations

import os
import shutil
from contextlib import nullcontext

import pytest

DEMO = "Ramp(to=20, seconds=4), Ramp(to=20, seconds=16)"
SHORT = "Ramp(to=20, seconds=1), Ramp(to=20, seconds=6)"


def pytest_generate_tests(metafunc):
    """Has each test come so many times, in turn with all the others."""
    times = metafunc.config.getoption("times")
    if times > 1:
        metafunc.parametrize("turn", range(1, times + 1), indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def turn(request):
    """Which time it is."""
    return getattr(request, "param", 1)


@pytest.fixture(scope="session")
def checkout_copy(tmp_path_factory, project_in):
    """A project with the content of the checkout, which no other run on this machine shares; its demo is short."""
    made = project_in(tmp_path_factory.mktemp("live"))
    for folder in ("systems", "checks", "load"):
        shutil.copytree(made.checkout / folder, made.root / folder, dirs_exist_ok=True)
    made.edit("load/demo.py", DEMO, SHORT)
    return made


@pytest.fixture(scope="session")
def deal_scout(checkout_copy, busy, request):
    """The copy, up and warm; removed at the end, whatever happened."""
    try:
        started = checkout_copy.drillbook("up", "deal-scout")
        assert started.code == 0, started.said
        checkout_copy.first_up = started.said
        with busy(os.cpu_count()) if request.config.getoption("times") > 1 else nullcontext():
            yield checkout_copy
    finally:
        removed = checkout_copy.drillbook("down", "deal-scout")
        assert removed.code == 0, removed.said
