"""A further system is one folder: added from the text of CONTRIBUTING.md alone, judged, and turned red."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from drillbook.system.covered import covered
from drillbook.system.judged import judged
from drillbook.system.library import Library
from drillbook.system.names import split
from drillbook.system.red import red_of
from drillbook.system.validated import limits_of

NAME = "notes"
CONTRIBUTING = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
FILES = dict(re.findall(r"^```\w+ (systems/\S+)\n(.*?)^```$", CONTRIBUTING, re.MULTILINE | re.DOTALL))
STATES = tomllib.loads(FILES[f"systems/{NAME}/red.toml"])["states"]


@pytest.fixture
def library(red_project):
    """The systems of a project to which this one was added."""
    for path, text in FILES.items():
        red_project.write(path, text)
    return Library(red_project.root, {})


def test_it_is_one_folder():
    assert {Path(path).parent for path in FILES} == {Path("systems") / NAME}


def test_its_files_are_read_and_all_that_is_judged_has_a_state(library, red_project):
    assert red_project.drillbook("validate", NAME).code == 0
    found, limits = limits_of(library, NAME)
    red = red_of(library, found, limits)
    assert judged(found, limits) == {split(name)[0] for state in red.states.values() for name in state.red}


def test_its_items_are_covered(library):
    assert {one.id: one.reason for one in covered(library, NAME)} == {"NO-C01": "", "NO-C02": ""}


@pytest.mark.proof
@pytest.mark.parametrize("state", STATES, ids=[f"{NAME}/{state}" for state in STATES])
def test_a_copy_of_it_is_turned_red(library, copies, state):
    copies.prove(NAME, red_of(library, *limits_of(library, NAME)).states[state])


@pytest.mark.proof
def test_what_is_judged_on_a_copy_is_what_has_states(library, copies):
    assert copies.of(NAME).judged() == judged(*limits_of(library, NAME))
