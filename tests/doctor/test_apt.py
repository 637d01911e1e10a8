"""The machine's own apt tells the mirror, and what belongs to the distribution."""

import pytest

from drillbook.doctor import Missing, apt, program

TARGETS = """\
http://mirror.example/debian/ bookworm main Debian
http://mirror.example/debian/ bookworm main Debian
http://mirror.example/debian/ bookworm-updates main Debian
http://mirror.example/debian/ bookworm-backports main Debian Backports
http://mirror.example/debian/ bookworm contrib Debian
https://vendor.example/ bookworm main Vendor
https://vendor.example/ stable main
"""
SETTINGS = """\
Acquire::Check-Date "false";
Acquire::http::Proxy "http://proxy.example:3142";
Acquire::http::Proxy::mirror.example "DIRECT";
APT::Architecture "amd64";
"""


def test_only_the_distributions_own_main_archive_counts(monkeypatch, machine):
    monkeypatch.setattr(apt, "output_of", lambda _: TARGETS)
    assert [source.suite for source in apt.sources(machine())] == ["bookworm", "bookworm-updates"]


def test_a_machine_without_such_a_source_is_told_where_to_look(monkeypatch, machine):
    monkeypatch.setattr(apt, "output_of", lambda _: "https://vendor.example/ bookworm main Vendor\n")
    monkeypatch.setattr(apt, "logged", lambda *_, **__: None)
    with pytest.raises(Missing, match=r"no source for bookworm main: see /etc/apt/sources\.list"):
        apt.sources(machine())


def test_dates_and_proxies_are_read_from_the_machines_settings(monkeypatch):
    monkeypatch.setattr(apt, "output_of", lambda _: SETTINGS)
    assert apt.date_settings() == ['Acquire::Check-Date "false"']
    assert apt.proxies() == {"http_proxy": "http://proxy.example:3142"}


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.mark.usefixtures("state")
def test_a_program_that_fails_shows_its_output_and_the_next_step(said):
    with pytest.raises(Missing, match=r"sh failed .*: do this$"):
        program.logged(["sh", "-c", "echo broken; exit 3"], log="x", next_step="do this")
    assert "broken" in said()


@pytest.mark.usefixtures("state")
def test_a_program_that_is_not_there_is_missing_too():
    with pytest.raises(Missing, match="failed"):
        program.logged(["/nowhere/at-all"], log="x", next_step="do this")
    assert program.output_of(["/nowhere/at-all"]) is None


def test_a_program_that_hangs_has_no_output():
    assert program.output_of(["sleep", "5"], seconds=0.1) is None
