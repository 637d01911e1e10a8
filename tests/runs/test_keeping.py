"""Runs that are kept: the newest, what was not green, what is not over; and whatever is no run of ours."""

from __future__ import annotations

import json
import os

import pytest

from drillbook.judging.journal import open_journal
from drillbook.judging.keeping import prune

CHECK = 'def test_up(api, judge):\n    judge("api.up", api.answers())\n'
RUN = ("checks", "--target", "shop@local", "--interval", "0.1", "-k", "test_keep")


@pytest.fixture
def made(tmp_path):
    """Makes the run of a day, by the lines of its journal; gives its folder."""

    def make(day, *lines):
        folder = tmp_path / f"202601{day:02}T120000Z-00ff"
        folder.mkdir()
        (folder / "journal.jsonl").write_text(
            "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        )
        return folder

    return make


def ended(code):
    return {"kind": "end", "exit": code}


def test_the_newest_stay_and_of_the_others_those_that_were_not_green(made, tmp_path):
    runs = [made(day, {"kind": "run"}, ended(code)) for day, code in enumerate((0, 1, 0, 11, 0, 0), start=1)]
    prune(tmp_path, 2)
    assert [run.exists() for run in runs] == [False, True, False, True, True, True]


def test_0_keeps_every_run(made, tmp_path):
    run = made(1, ended(0))
    prune(tmp_path, 0)
    assert run.exists()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [{"kind": "run"}],
        [ended(0), {"kind": "verdict"}],
        [ended(0), ended(1)],
        [{"kind": "end"}],
        ["[1]"],
        ['{"kind": "end", "ex'],
    ],
)
def test_what_did_not_come_to_a_green_end_stays(made, tmp_path, lines):
    run = made(1, *lines)
    made(2, ended(0))
    prune(tmp_path, 1)
    assert run.exists()


def test_a_run_that_still_goes_on_stays_whatever_its_journal_says(tmp_path):
    journal = open_journal(tmp_path)
    journal.write("end", exit=0)
    newer = tmp_path / "29990101T000000Z-00ff"
    newer.mkdir()
    prune(tmp_path, 1)
    assert journal.folder.exists()
    journal.close()
    prune(tmp_path, 1)
    assert not journal.folder.exists()


def test_of_runs_that_began_in_one_second_the_last_to_end_is_the_newest(made, tmp_path):
    first, last = made(1, ended(0)), made(2, ended(0))
    first, last = (one.rename(tmp_path / f"20260101T120000Z-{end}") for one, end in ((first, "ffff"), (last, "0000")))
    os.utime(first, (1, 1))
    prune(tmp_path, 1)
    assert [first.exists(), last.exists()] == [False, True]


@pytest.mark.parametrize("name", ["notes", "20260101", "20260101T120000Z-00ff-kept", "20260101T120000Z-00FF"])
def test_what_is_no_run_of_ours_is_not_touched(made, tmp_path, name):
    made(1, ended(0)).rename(tmp_path / name)
    made(2, ended(0))
    prune(tmp_path, 1)
    assert (tmp_path / name / "journal.jsonl").exists()


def test_a_link_to_a_run_elsewhere_is_not_followed(made, tmp_path):
    elsewhere = made(1, ended(0)).rename(tmp_path / "elsewhere")
    (tmp_path / "20260101T120000Z-00ff").symlink_to(elsewhere)
    made(2, ended(0))
    prune(tmp_path, 1)
    assert (elsewhere / "journal.jsonl").exists()


def test_a_run_removes_what_is_older_than_the_setting_says(shop_project, shop):
    shop_project.write("checks/test_keep.py", CHECK)
    shop_project.edit("pyproject.toml", "[tool.pytest]", "[tool.pytest]\ndrillbook_keep = 1")
    shop.say("/health", {"status": "ill"}, 500)
    codes = [shop_project.pytest(*RUN).code]
    shop.say("/health", {"status": "healthy", "cache": True})
    codes += [shop_project.pytest(*RUN).code for _ in range(3)]
    runs = [path for path in (shop_project.root / "reports").iterdir() if not path.is_symlink()]
    kept = [json.loads((run / "journal.jsonl").read_text().splitlines()[-1])["exit"] for run in sorted(runs)]
    assert kept == [code for code in codes if code] + [0]
    assert (shop_project.root / "reports" / "latest" / "index.html").is_file()


@pytest.mark.parametrize("value", ["-1", "many", "1.5"])
def test_a_setting_that_is_no_number_of_runs_is_said(shop_project, value):
    shop_project.write("checks/test_keep.py", CHECK)
    ran = shop_project.pytest(*RUN, "--override-ini", f"drillbook_keep={value}")
    assert ran.code == 4, ran.said
    assert ran.said.startswith("ERROR: drillbook_keep in pytest's settings: is how many runs are kept, e.g. ")
    assert ran.said.strip().count("\n") == 0
