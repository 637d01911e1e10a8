"""House defaults come with the package; a repository's own go before them, limit by limit."""

from __future__ import annotations

import pytest

from drillbook.system.library import Library

OWN = '[limits."redis.ping"]\nunit = "ms"\nmedium = "> {}"\n'


@pytest.fixture
def medium(tmp_path):
    """The mildest rung of `redis.ping` and how many limits there are, for a library with these variables."""

    def of(**environ):
        house = Library(tmp_path, environ).house()
        return house.limits["redis.ping"].named("redis.ping").rungs[0].words(""), len(house.limits)

    return of


def write(folder, number):
    folder.mkdir()
    (folder / "house.toml").write_text(OWN.format(number))


def test_without_any_of_its_own_a_repository_has_the_standard_ones(medium, pytestconfig):
    assert medium() == ("> 50", len(Library(pytestconfig.rootpath, {}).house().limits))


def test_its_own_go_before_them_and_leave_the_others(medium, tmp_path):
    standard = medium()[1]
    write(tmp_path / "systems", 7)
    assert medium() == ("> 7", standard)


def test_those_of_the_folder_that_a_variable_names_go_first(medium, tmp_path):
    write(tmp_path / "systems", 7)
    write(tmp_path / "others", 8)
    assert medium(DRILLBOOK_SYSTEMS=str(tmp_path / "others"))[0] == "> 8"
