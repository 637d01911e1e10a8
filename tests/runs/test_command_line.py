"""What a user may type: pytest's own questions are answered in pytest's own way, and mistakes in one line."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

CHECKS = ("checks", "--target", "shop@local")
RUN = (*CHECKS, "--interval", "0.2")


@pytest.mark.parametrize("look", [("--collect-only",), ("--collect-only", "-n", "2"), ("--fixtures",)])
def test_whoever_only_looks_asks_nobody_and_writes_nothing(shop_project, shop, look):
    ran = shop_project.pytest(*CHECKS, *look)
    assert ran.code == 0, ran.said
    assert ("judge" if "--fixtures" in look else "test_up") in ran.said
    assert shop.asked == []
    assert not (shop_project.root / "reports").exists()


def test_a_look_leaves_the_latest_run_the_latest(shop_project):
    shop_project.pytest(*RUN, "-k", "pool")
    before = (shop_project.root / "reports" / "latest").readlink()
    shop_project.pytest(*CHECKS, "--collect-only")
    assert (shop_project.root / "reports" / "latest").readlink() == before


def test_a_look_at_nothing_and_at_a_broken_file_ends_as_pytest_ends_it(shop_project):
    assert shop_project.pytest(*CHECKS, "--collect-only", "-k", "nothing_like_this").code == 5
    shop_project.write("checks/test_broken.py", "import a_module_that_is_not_there\n")
    assert shop_project.pytest(*CHECKS, "--collect-only").code == 2


@pytest.mark.parametrize("question", ["--help", "--markers"])
def test_pytest_tells_of_itself_without_a_target(shop_project, question):
    ran = shop_project.pytest("checks", question)
    assert ran.code == 0, ran.said
    assert not (shop_project.root / "reports").exists()


def test_the_command_line_takes_the_place_of_a_target_in_the_settings(shop_project):
    ran = shop_project.pytest(*RUN, "-k", "pool", environ={"PYTEST_ADDOPTS": "--target nobody@nowhere"})
    assert ran.code == 0, ran.said


@pytest.mark.parametrize("interval", ["0", "-5", "nan", "inf"])
def test_an_interval_that_is_none_is_refused(shop_project, shop, interval):
    ran = shop_project.pytest(*CHECKS, f"--interval={interval}")
    assert ran.code == 4, ran.said
    assert "--interval" in ran.said
    assert "Traceback" not in ran.said
    assert shop.asked == []


@pytest.mark.parametrize("what", ["prod_checks", "prod_checks/test_shop.py"])
def test_checks_in_a_folder_of_another_name_are_refused_with_the_folder_that_holds_checks(shop_project, shop, what):
    (shop_project.root / "checks").rename(shop_project.root / "prod_checks")
    ran = shop_project.pytest(what, *CHECKS[1:])
    assert ran.code == 4, ran.said
    assert f"is in checks/, chaos/ or load/ of {shop_project.root}" in ran.said
    assert shop.asked == []


@pytest.mark.parametrize("where", [">&- 2>&-", "| head -1", ">/dev/full 2>&1"])
@pytest.mark.parametrize(("status", "items", "code"), [(200, [1], 0), (200, [], 1), (429, [], 11)])
def test_whoever_does_not_listen_changes_no_exit_code(shop_project, shop, where, status, items, code):
    shop.say("/items", {"items": items}, status=status)
    run = shlex.join([sys.executable, "-m", "pytest", *RUN])
    environ = {**shop_project.inherited(), **shop_project.environ}
    command = ["bash", "-c", f"{run} {where}; exit ${{PIPESTATUS[0]}}"]
    done = subprocess.run(command, cwd=shop_project.root, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert done.stderr == ""
    assert shop_project.journal()[-1]["exit"] == code
