"""`drillbook new` makes a repository that works as it is; `--diff` says what would be written otherwise today."""

from __future__ import annotations

import subprocess
import tomllib

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.repository.content import content
from drillbook.repository.new import differences, make


@pytest.fixture
def repository(tmp_path):
    """The folder of a new repository."""
    make(tmp_path / "ops", print)
    return tmp_path / "ops"


def git(folder, *words, **options):
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True, **options).stdout


def test_a_new_repository_has_the_folders_of_this_one(repository, pytestconfig):
    assert {path.name for path in repository.iterdir() if path.is_dir()} >= {"checks", "chaos", "load", "systems"}
    ours = pytestconfig.rootpath
    for path in [ours / "conftest.py", *(ours / "checks").glob("*.py")]:
        assert (repository / path.relative_to(ours)).read_text() == path.read_text()
    assert not [text for text in content().values() if "{version}" in text or "{first}" in text]


def test_pytest_is_set_as_it_is_here(repository, pytestconfig):
    theirs, ours = (tomllib.loads((one / "pyproject.toml").read_text()) for one in (repository, pytestconfig.rootpath))
    assert theirs["tool"]["pytest"]["addopts"] == ours["tool"]["pytest"]["addopts"]
    assert [line for line in theirs["dependency-groups"]["checks"] if line.startswith("drillbook==")]


def test_what_runs_write_is_ignored(repository):
    git(repository, "init", "--quiet")
    written = ["reports/latest/index.html", ".drillbook/shop@local.env", ".venv/bin/python", "checks/__pycache__/x.pyc"]
    assert git(repository, "check-ignore", *written).splitlines() == written
    assert ".github/workflows/checks.yml" in git(repository, "ls-files", "--others", "--exclude-standard")


def test_it_names_the_next_step(tmp_path, project):
    ran = project.drillbook("new", "ops")
    assert (ran.code, ran.said.splitlines()[0]) == (0, "ops: 16 files. Next, there:")
    assert [line.split()[:2] for line in ran.said.splitlines()[1:]] == [["drillbook", "init"], ["pytest", "checks"]]


def test_a_folder_with_nothing_but_a_repository_of_gits_is_empty(tmp_path):
    git(tmp_path, "init", "--quiet", "ops")
    make(tmp_path / "ops", print)
    assert (tmp_path / "ops" / "checks").is_dir()


def test_a_folder_that_is_not_empty_is_left_as_it_is(project):
    before = sorted(project.root.rglob("*"))
    ran = project.drillbook("new", ".")
    assert (ran.code, ran.said.count("\n")) == (4, 1)
    assert ran.said.startswith("drillbook: . is not empty: name a new folder, or see `drillbook new --diff .`")
    assert sorted(project.root.rglob("*")) == before


def test_a_place_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Mistakes, match=r"file/ops: Not a directory: name a folder that you may write to$"):
        make(tmp_path / "file" / "ops", print)


def test_without_a_folder_it_asks_for_one(project):
    ran = project.drillbook("new")
    assert (ran.code, ran.said) == (4, "drillbook: say which folder is to be made: drillbook new DIR\n")


def test_a_new_repository_differs_in_nothing(repository, project):
    ran = project.drillbook("new", "--diff", str(repository))
    assert (ran.code, ran.said) == (0, "")


def test_what_differs_is_a_patch_that_git_takes(repository, project):
    api, queue = (repository / "checks" / name for name in ("test_api.py", "test_queue.py"))
    api.write_text(api.read_text().replace("api.errors", "api.p99") + "    # mine, without an end of the line")
    queue.unlink()
    ran = project.drillbook("new", "--diff", str(repository))
    assert ran.code == 1
    assert '-    judge("api.p99", api.error_ratio())\n+    judge("api.errors", api.error_ratio())\n' in ran.said
    git(repository, "apply", "-", input=ran.said)
    assert differences(repository) == []
    assert queue.is_file()


def test_what_is_the_users_own_is_not_named(repository):
    for path in ("checks/test_mine.py", "README.md", "conftest.py", "chaos/test_mine.py"):
        (repository / path).write_text("mine\n")
    assert differences(repository) == []


def test_what_is_no_repository_has_no_differences(project):
    ran = project.drillbook("new", "--diff", "nowhere")
    assert ran.code == 4
    assert ran.said == "drillbook: nowhere has no checks/: name a repository, or make one: `drillbook new nowhere`\n"
