"""What the command says of itself and of what is here."""

from __future__ import annotations

from importlib.metadata import version

import pytest

SYSTEM = '[system]\nname = "shop"\n'


def test_it_says_which_version_it_is(project):
    ran = project.drillbook("--version")
    assert (ran.code, ran.said) == (0, f"drillbook {version('drillbook')}\n")


@pytest.mark.parametrize("command", ["up", "down"])
def test_help_lists_the_systems_that_are_here(project, command):
    for name in ("shop", "mall"):
        project.write(f"systems/{name}/system.toml", SYSTEM.replace("shop", name))
    assert "Systems here: mall, shop." in project.drillbook(command, "--help").said


def test_help_says_where_there_are_none(project):
    assert "Systems here: none." in project.drillbook("up", "--help").said
