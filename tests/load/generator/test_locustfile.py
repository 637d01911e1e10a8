"""A profile is also a plain locustfile, and the profiles that come with Drillbook are good ones."""

import csv
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
PROFILES = sorted((CHECKOUT / "load").glob("*.py"))


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_it_runs_under_locust(server, tmp_path, path):
    asked = server()
    users = ("-u", "3", "-r", "3", "-t", "3s", "--host", asked.url)
    command = [sys.executable, "-m", "locust", "-f", str(path), "--headless", *users, "--csv", str(tmp_path / "it")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "it_stats.csv").open() as table:
        total = list(csv.DictReader(table))[-1]
    assert int(total["Failure Count"]) == 0
    log = asked.log()
    assert {note["path"].partition("?")[0].split("/")[1] for note in log} <= {"deals", "health"}
    assert 3 <= len(log) <= 12  # three users, each one arrival a second


@pytest.fixture(scope="module")
def told(generator):
    """What each of the profiles says it is."""
    return {path.stem: generator(text=path.read_text()).hear()["profile"] for path in PROFILES}


def test_their_runbook_has_such_a_section(told):
    system = tomllib.loads((CHECKOUT / "systems" / "deal-scout" / "system.toml").read_text())
    assert {its["runbook"] for its in told.values()} <= set(system["runbook"]["sections"])


def test_the_demonstration_is_over_in_20_seconds(told):
    assert told["demo"]["seconds"] == 20


def test_they_say_what_they_are_about_and_what_they_are_held_to(told):
    for its in told.values():
        assert its["about"].endswith(".")
        assert its["held_to"] == ["api.p95", "api.errors"]


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_they_ask_by_a_few_names_only(server, generator, path):
    """A name for each deal would be a page of names."""
    asked = server()
    run = generator(text=squeezed(path.read_text())).run(asked.url)
    assert {name for name, *_ in run.samples} <= {"/deals", "/deals/ID", "/health"}
    assert {note["path"] for note in asked.log()} > {"/deals?q=bike", "/deals?q=lamp"}
    assert {note["method"] for note in asked.log()} == {"GET"}


def squeezed(text):
    """The same profile, in two seconds."""
    short, found = re.subn(r"arrivals=\(.*\),  #", "arrivals=(Ramp(to=60, seconds=2),),  #", text)
    assert found == 1
    return short
