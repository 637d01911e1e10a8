"""Compose v2 is looked for, put into the user's own folder where it is missing, and never half."""

import pytest

from drillbook.doctor import Missing, apt, compose

DEBIAN = [apt.Source("http://mirror.example/debian/", "bookworm", "main")]
UBUNTU = [apt.Source("http://mirror.example/ubuntu/", "noble-updates", "universe")]


@pytest.fixture(autouse=True)
def fetched(monkeypatch, tmp_path):
    """No Compose until a plugin is in the plugin folder; records what was fetched from where."""
    asked = []

    def unpack(package, lines, into):
        asked.append((package, lines))
        plugin = into / "usr/libexec/docker/cli-plugins/docker-compose"
        plugin.parent.mkdir(parents=True)
        plugin.write_text("#!/bin/sh\n")

    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setattr(compose, "is_there", lambda _: True)
    monkeypatch.setattr(compose, "version", lambda: "2" if (tmp_path / "cli-plugins/docker-compose").exists() else None)
    monkeypatch.setattr(apt, "sources", lambda _: DEBIAN)
    monkeypatch.setattr(apt, "unpack", unpack)
    return asked


def test_a_compose_that_is_there_is_left_alone(fetched, machine, monkeypatch):
    monkeypatch.setattr(compose, "version", lambda: "2.30")
    compose.ensure(machine(root=False, distribution="fedora"))
    assert fetched == []


def test_on_debian_the_plugin_comes_from_a_later_debian_on_the_machines_own_mirror(fetched, machine, tmp_path):
    compose.ensure(machine(root=False))
    package, lines = fetched[0]
    assert package == "docker-compose"
    assert lines[0].endswith("http://mirror.example/debian/ trixie main")
    assert (tmp_path / "cli-plugins/docker-compose").stat().st_mode & 0o111


def test_on_ubuntu_the_plugin_is_a_package_of_its_own(fetched, machine, monkeypatch):
    monkeypatch.setattr(apt, "sources", lambda _: UBUNTU)
    compose.ensure(machine(distribution="ubuntu", codename="noble"))
    assert fetched[0][0] == "docker-compose-v2"


def test_another_distribution_is_told_where_to_look(machine):
    with pytest.raises(Missing, match="fedora has no apt: install Compose v2 as"):
        compose.ensure(machine(distribution="fedora"))


def test_a_missing_docker_command_is_named(fetched, machine, monkeypatch):
    monkeypatch.setattr(compose, "is_there", lambda _: False)
    with pytest.raises(Missing, match=r"sudo apt-get install docker\.io$"):
        compose.ensure(machine())
    assert fetched == []


def test_a_package_without_the_plugin_is_an_error(machine, monkeypatch):
    monkeypatch.setattr(apt, "unpack", lambda *_: None)
    with pytest.raises(Missing, match="no plugin in the package docker-compose"):
        compose.ensure(machine())


def test_a_plugin_that_does_not_run_is_an_error(machine, monkeypatch):
    monkeypatch.setattr(compose, "version", lambda: None)
    with pytest.raises(Missing, match="does not run"):
        compose.ensure(machine())
