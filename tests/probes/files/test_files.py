"""Signals from files: how old the newest backup is, how large, how many there are, and what cannot be told."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.probes.files.noun import Files
from drillbook.probes.measure import cost, measure
from drillbook.probes.signal import Asked
from drillbook.system.library import Library
from drillbook.system.target import load_target

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = """
[system]
name = "shop"
[services.backups]
kind = "files"
folder = "FOLDER"
[environments.local]
kind = "local"
"""
AGE, SIZE, COUNT = 'as = "age"\nunit = "s"\nhigh = "> 90000"', 'high = "< 10"', 'as = "count"\nhigh = "< 2"'


@dataclass
class Shop:
    """A shop whose backups are what a test writes."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "backups"

    def write(self, name: str, size: int, ago: float) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, (time.time() - ago,) * 2)
        return path

    def noun(self, more: str, pattern: str = "*.dump") -> Files:
        folder = self.root / "systems" / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        signal = f'[signals."a.signal"]\nread = {{ service = "backups", newest = "{pattern}" }}\n{more}\n'
        (folder / "system.toml").write_text(SYSTEM.replace("FOLDER", str(self.folder)) + signal)
        (folder.parent / "house.toml").write_text("[limits]\n")
        target = load_target("shop@local", Library(self.root, {}))
        service = target.services["backups"]
        readings = measure([service], 0.0)["backups"]
        assert readings.asked <= cost(service) == 2
        return Files(service, readings)

    def observed(self, more: str, pattern: str = "*.dump") -> Any:
        noun = self.noun(more, pattern)
        (one,) = Asked(noun, noun.service.signals["a.signal"])
        return one.reason if one.value is None else one.value


@pytest.fixture
def shop(tmp_path):
    """A shop with three backups, one of which is of another sort, and one that is a link to nowhere."""
    made = Shop(tmp_path)
    made.write("monday.dump", 50, ago=200_000)
    made.write("tuesday.dump", 7, ago=100_000)
    made.write("half.part", 3, ago=5)
    made.write("old/sunday.dump", 60, ago=300_000)
    (made.folder / "lost.dump").symlink_to(made.folder / "nowhere")
    (made.folder / "folder.dump").mkdir()
    return made


def test_the_newest_of_those_whose_names_fit_is_meant(shop):
    assert shop.observed(AGE) == pytest.approx(100_000, abs=100)
    assert shop.observed(SIZE) == 7
    assert shop.observed(COUNT) == 2
    assert shop.observed(COUNT, "**/*.dump") == 3
    assert shop.observed(AGE, "half.*") == pytest.approx(5, abs=100)
    shop.write("wednesday.dump", 80, ago=0)
    assert (shop.observed(AGE) < 100, shop.observed(SIZE)) == (True, 80)


def test_where_no_file_fits_nothing_is_green(shop):
    assert shop.observed(AGE, "*.sql").startswith("there is nothing there")
    assert shop.observed(COUNT, "*.sql") == 0
    assert shop.observed(f"{SIZE}\nwhen_empty = 0", "*.sql") == 0


def test_a_time_that_lies_ahead_is_none(shop):
    shop.write("tomorrow.dump", 9, ago=-90_000)
    assert "ahead" in shop.observed(AGE)


def test_a_folder_that_is_not_there_cannot_be_told(tmp_path):
    noun = Shop(tmp_path).noun(AGE)
    why = f"there is no folder {tmp_path}/backups on this machine: check folder, or run where it is"
    assert (noun.answers().value, noun.answers().reason) == (None, why)
    (one,) = Asked(noun, noun.service.signals["a.signal"])
    assert (one.value, one.because) == (None, "files.readable")


def test_a_file_in_place_of_the_folder_cannot_be_told_either(tmp_path):
    (tmp_path / "backups").write_text("x")
    assert Shop(tmp_path).noun(AGE).answers().reason.startswith("there is no folder ")


@pytest.mark.parametrize(
    ("more", "pattern", "why"),
    [
        ('as = "rate"\nhigh = "> 1"', "*.dump", 'say as = "age" (how old the newest is)'),
        (AGE, "../*.dump", "write a pattern of names within the folder"),
        (AGE, "/etc/*", "write a pattern of names within the folder"),
    ],
)
def test_what_makes_no_sense_is_refused_when_the_file_is_read(shop, more, pattern, why):
    with pytest.raises(Mistakes, match=r"a\.signal") as raised:
        shop.noun(more, pattern)
    assert why in str(raised.value)


@pytest.mark.parametrize("pattern", ["*/*.dump", "**/*.dump", "old/*.dump"])
@pytest.mark.parametrize("more", [COUNT, AGE])
def test_a_folder_on_the_way_that_may_not_be_listed_is_not_passed_over(shop, monkeypatch, more, pattern):
    locked, scandir = str(shop.folder / "old"), os.scandir

    def refusing(path="."):
        if str(path) == locked:
            raise PermissionError(13, "Permission denied", locked)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert f"this user may not read {locked}: add it to the group of the file" in shop.observed(more, pattern)


def test_a_folder_beside_the_way_does_not_matter(shop, monkeypatch):
    scandir = os.scandir
    shop.write("new/friday.dump", 9, ago=50)

    def refusing(path="."):
        assert not str(path).endswith("/old")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert shop.observed(SIZE, "new/*.dump") == 9
