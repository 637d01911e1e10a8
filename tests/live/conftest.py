"""A real copy of deal-scout for a file of tests: started once, with `drillbook up`, in a project of its own."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="module")
def checkout_copy(tmp_path_factory, project_in):
    """A project with the content of the checkout, which no other run on this machine shares."""
    made = project_in(tmp_path_factory.mktemp("live"))
    for folder in ("systems", "checks", "load"):
        shutil.copytree(made.checkout / folder, made.root / folder, dirs_exist_ok=True)
    return made


@pytest.fixture(scope="module")
def deal_scout(checkout_copy):
    """The copy, up and warm; removed at the end, whatever happened."""
    try:
        started = checkout_copy.drillbook("up", "deal-scout")
        assert started.code == 0, started.said
        checkout_copy.first_up = started.said
        yield checkout_copy
    finally:
        removed = checkout_copy.drillbook("down", "deal-scout")
        assert removed.code == 0, removed.said
