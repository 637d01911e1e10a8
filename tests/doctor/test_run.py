"""What `drillbook doctor` prints, and its exit code."""

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from drillbook import doctor
from drillbook.common.extras import CHAOS
from drillbook.doctor import engine, findings, images, repair
from drillbook.doctor.findings import Finding
from drillbook.doctor.wanted import Wanted
from drillbook.system.library import Library

HERE = Library(Path(__file__).parents[2], {})


@pytest.fixture
def seen(monkeypatch):
    def see(*found):
        monkeypatch.setattr(findings, "look", lambda *_: list(found))
        monkeypatch.setattr(repair, "repair", lambda _: None)

    return see


def test_all_there_is_zero(seen, said):
    seen(Finding("docker engine: 20.10"))
    assert doctor.run(HERE, [CHAOS], fix=False) == 0
    assert said() == "docker engine: 20.10\n"


@pytest.mark.parametrize("fix", [False, True])
def test_something_missing_is_one(seen, fix):
    seen(Finding("docker engine: 20.10"), Finding("redis: missing", there=False))
    assert doctor.run(HERE, [CHAOS], fix=fix) == 1


def test_something_missing_names_the_next_step(seen, said):
    seen(Finding("redis: missing", there=False))
    doctor.run(HERE, [CHAOS], fix=False)
    assert said().endswith("to add what is missing: run `drillbook doctor --fix`\n")


def test_without_fix_nothing_is_repaired(seen, monkeypatch):
    seen()
    monkeypatch.setattr(repair, "repair", lambda _: pytest.fail("doctor alone changes nothing"))
    doctor.run(HERE, [CHAOS], fix=False)


@pytest.mark.parametrize(("version", "there"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_the_supported_pythons_are_3_11_to_3_13(version, there):
    assert findings.python(version).there is there


def test_a_full_disk_is_a_finding(monkeypatch, tmp_path):
    monkeypatch.setattr(findings, "LEAST_DISK_GIGABYTES", 10**9)
    assert not findings.disk(tmp_path).there


def test_without_an_engine_the_images_cannot_be_told(monkeypatch, said):
    monkeypatch.setattr(engine, "look", lambda: engine.Engine("unix:///x", chosen=False, reason="no such file"))
    assert doctor.run(HERE, [CHAOS], fix=False) == 1
    assert "docker engine: missing, nothing answers at unix:///x (no such file)" in said()


@pytest.mark.usefixtures("docker_client")
def test_an_image_that_is_missing_is_a_finding_that_names_what_was_looked_for(monkeypatch):
    monkeypatch.setenv("DRILLBOOK_IMAGE_REDIS", "drillbook/nowhere:1")
    finding = next(each for each in findings.look([CHAOS], Wanted({images.REDIS})) if each.line.startswith("redis:"))
    assert not finding.there
    assert "drillbook/nowhere:1 (set by DRILLBOOK_IMAGE_REDIS)" in finding.line


def test_a_second_fix_waits_for_the_first(tmp_path):
    wait = (
        "from pathlib import Path; from drillbook.doctor.lock import only_one\nwith only_one(Path({!r})): print('in')"
    )
    path = tmp_path / "lock"
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = subprocess.Popen([sys.executable, "-uc", wait.format(str(path))], stdout=subprocess.PIPE, text=True)
        assert "waiting for it" in second.stdout.readline()
    assert second.communicate(timeout=60)[0] == "in\n"


def test_the_doctor_is_cheap_to_import():
    loaded = "import sys, drillbook.doctor; print([m for m in ('docker', 'typer', 'pytest') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True) == "[]\n"


def test_an_image_name_becomes_its_variable():
    assert images.NODE_EXPORTER.variable == "DRILLBOOK_IMAGE_NODE_EXPORTER"
