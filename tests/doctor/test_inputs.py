"""Changed build inputs are another tag, and so a build; unchanged ones are not."""

import shutil

import pytest

from drillbook.doctor import inputs


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(inputs.STANDINS, tmp_path / "standins")
    return tmp_path / "standins"


def test_the_same_inputs_elsewhere_have_the_same_tag(folder):
    assert inputs.standin_tag("redis", folder) == inputs.standin_tag("redis")


def test_a_changed_file_changes_the_tag(folder):
    before = inputs.standin_tag("redis", folder)
    with (folder / "redis" / "Dockerfile").open("a") as file:
        file.write("\n")
    assert inputs.standin_tag("redis", folder) != before


def test_a_changed_file_of_another_stand_in_changes_nothing(folder):
    before = inputs.standin_tag("redis", folder)
    (folder / "postgres" / "Dockerfile").write_text("")
    assert inputs.standin_tag("redis", folder) == before


def test_a_renamed_file_changes_the_tag(folder):
    before = inputs.standin_tag("redis", folder)
    (folder / "redis" / "docker-entrypoint.sh").rename(folder / "redis" / "entrypoint.sh")
    assert inputs.standin_tag("redis", folder) != before


def test_a_lost_execute_bit_changes_the_tag(folder):
    before = inputs.standin_tag("redis", folder)
    (folder / "redis" / "docker-entrypoint.sh").chmod(0o644)
    assert inputs.standin_tag("redis", folder) != before


def test_another_release_changes_every_tag(monkeypatch):
    before = inputs.standin_tag("redis")
    monkeypatch.setattr(inputs, "suite", lambda: "another")
    assert inputs.standin_tag("redis") != before


def test_what_runs_leave_behind_is_no_input(folder):
    before = inputs.reference_tag("base", folder)
    for name in ("__pycache__", "wheels"):
        (folder / name).mkdir()
        (folder / name / "file").write_text("x")
    assert inputs.reference_tag("base", folder) == before


@pytest.mark.parametrize("name", ["postgres", "redis", "node-exporter", "python"])
def test_a_stand_in_never_has_an_official_name(name):
    assert inputs.standin_tag(name).startswith(f"drillbook/{name}:")
