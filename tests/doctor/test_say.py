"""A doctor that is slow says what it is doing and how far it is."""

from __future__ import annotations

import fcntl
import re
from pathlib import Path
from queue import Queue
from types import SimpleNamespace

import pytest

from drillbook import doctor
from drillbook.common import progress
from drillbook.doctor import build, findings, lock, program, pull, say
from drillbook.doctor.pull import Registries
from drillbook.system.library import Library

PATIENCE = 30  # seconds that a test waits for a line, which comes at once on a machine that has time
# Says something, then waits to be told to go on.
PROGRAM = (
    'echo Unpacking libc6; tries=0; until [ -e "$0" ] || [ $tries -eq 600 ]; do sleep 0.05; tries=$((tries+1)); done'
)


@pytest.fixture
def heard(monkeypatch, tmp_path):
    """The lines that a doctor says who speaks all the time."""
    lines = Queue()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(progress, "EVERY", 0.02)
    for module in (say, pull, lock):
        monkeypatch.setattr(module, "say", lines.put)
    return lines


def until(heard, words):
    """Waits for a line with these words."""
    while words not in (line := heard.get(timeout=PATIENCE)):
        pass
    return line


def test_a_step_that_is_quick_says_when_it_began_and_how_long_it_took(monkeypatch, said):
    with say.step("redis: building a stand-in"):
        pass
    assert re.fullmatch(r"redis: building a stand-in \.\.\.\n  done in \d+\.\d s\n", said())


def test_a_program_that_is_slow_is_shown_by_the_last_line_of_its_log(heard, tmp_path):
    (tmp_path / "state" / "drillbook").mkdir(parents=True)
    (tmp_path / "state" / "drillbook" / "older.log").write_text("of another step")
    flag = tmp_path / "flag"

    def go_on(line):
        heard.put(line)
        if "Unpacking libc6" in line:
            flag.touch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(say, "say", go_on)
        with say.step("base: building a minimal bookworm"):
            program.logged(["sh", "-c", PROGRAM, str(flag)], log="base", next_step="read the log")
    line = until(heard, "Unpacking")
    assert re.fullmatch(r"  … base: building a minimal bookworm: \d+ s so far \(Unpacking libc6\)", line)


def test_what_other_steps_wrote_is_not_shown(heard, tmp_path):
    (tmp_path / "state" / "drillbook").mkdir(parents=True)
    log = tmp_path / "state" / "drillbook" / "older.log"
    log.write_text("of another step")
    assert say.newest_line(since=log.stat().st_mtime + 1) == ""
    assert say.newest_line(since=log.stat().st_mtime) == "of another step"


def test_a_slow_build_says_at_which_step_it_is(heard, tmp_path):
    def events(**_):
        yield {"stream": "Step 3/9 : RUN apt-get install redis"}
        yield {"stream": "\n"}
        lines.append(until(heard, "RUN"))
        yield {"stream": " ---> Running in 1c238f5d9fb5\nUnpacking redis\n\n"}
        lines.append(until(heard, "Unpacking"))

    lines = []
    with say.step("redis: building a stand-in"):
        build.build(SimpleNamespace(api=SimpleNamespace(build=events)), tmp_path, tag="drillbook/redis:1", arguments={})
    assert [re.sub(r".*so far ", "", line) for line in lines] == [
        "(Step 3/9 : RUN apt-get install redis)",
        "(Step 3/9: Unpacking redis)",
    ]


def test_a_slow_pull_says_how_much_is_there(heard):
    def events():
        yield {"status": "Pulling fs layer", "id": "a", "progressDetail": {}}
        yield {"status": "Downloading", "id": "a", "progressDetail": {"current": 12_000_000, "total": 60_000_000}}
        yield {"status": "Downloading", "id": "b", "progressDetail": {"current": 1_000_000, "total": 20_000_000}}
        yield {"status": "Download complete", "id": "b", "progressDetail": {}}
        lines.append(until(heard, "MB"))
        lines.append(until(heard, "32 of 80 MB"))

    lines = []
    client = SimpleNamespace(api=SimpleNamespace(pull=lambda *_, **__: events()))
    assert Registries(client).pull("postgres:16")
    assert lines[-1].startswith("  … postgres:16: pulling from docker.io: ")


def test_who_waits_for_another_doctor_says_so_all_the_time(heard, tmp_path, monkeypatch):
    path = tmp_path / "lock"
    other = path.open("a")
    fcntl.flock(other, fcntl.LOCK_EX)

    def speak(line):
        heard.put(line)
        if line.startswith("  …"):
            other.close()

    monkeypatch.setattr(lock, "say", speak)
    with lock.only_one(path):
        assert re.fullmatch(r"  … waiting for the other `drillbook doctor --fix`: \d+ s so far", until(heard, "…"))


def test_a_look_that_is_slow_says_what_it_looks_at(heard, monkeypatch):
    def look(*_):
        lines.append(until(heard, "…"))
        return []

    lines = []
    monkeypatch.setattr(findings, "look", look)
    assert doctor.run(Library(Path(), {}), [], fix=False) == 0
    assert lines[0].startswith("  … looking at the engine, Compose and the images: ")
