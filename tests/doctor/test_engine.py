"""Which engine is used, and when one is installed or started."""

import pytest

from drillbook.doctor import Missing, apt, daemon, engine

NONE = engine.Engine("unix:///var/run/docker.sock", chosen=False, reason="no such file")
RUNNING = engine.Engine("unix:///var/run/docker.sock", chosen=False, version="20.10.24")


@pytest.fixture
def deeds(monkeypatch):
    """A machine without an engine and without dockerd; records what was done to it."""
    done = []

    def start():
        done.append("start dockerd")
        monkeypatch.setattr(engine, "look", lambda: RUNNING)
        return lambda: True

    def command(arguments, **_):
        start()
        done[-1] = " ".join(arguments)

    monkeypatch.setattr(engine, "look", lambda: NONE)
    monkeypatch.setattr(engine, "is_there", lambda program: program == "docker" or "install docker.io" in done)
    monkeypatch.setattr(engine, "output_of", command)
    monkeypatch.setattr(apt, "install", lambda *packages: done.append(f"install {' '.join(packages)}"))
    monkeypatch.setattr(daemon, "start", start)
    return done


def test_an_engine_that_answers_is_used_as_it_is(deeds, machine, monkeypatch):
    monkeypatch.setattr(engine, "look", lambda: RUNNING)
    engine.ensure(machine(root=False))
    assert deeds == []


def test_without_a_terminal_it_installs_and_starts_and_says_so(deeds, machine, said):
    engine.ensure(machine())
    assert deeds == ["install docker.io", "start dockerd"]
    assert "no terminal to ask on; installing docker.io with apt" in said()


def test_an_installed_engine_is_only_started(deeds, machine, monkeypatch):
    monkeypatch.setattr(engine, "is_there", lambda _: True)
    engine.ensure(machine(distribution="fedora", terminal=True))
    assert deeds == ["start dockerd"]


def test_a_service_manager_that_runs_starts_it(deeds, machine):
    engine.ensure(machine(systemd=True))
    assert deeds[1] == "systemctl start docker"


def test_on_a_terminal_a_no_installs_nothing(deeds, machine, monkeypatch):
    monkeypatch.setattr(engine.typer, "confirm", lambda _: False)
    with pytest.raises(Missing, match=r"as you said: apt-get install docker\.io"):
        engine.ensure(machine(terminal=True))
    assert deeds == []


def test_on_a_terminal_a_yes_installs(deeds, machine, monkeypatch):
    monkeypatch.setattr(engine.typer, "confirm", lambda _: True)
    engine.ensure(machine(terminal=True))
    assert "install docker.io" in deeds


def test_who_is_not_root_is_told_the_command(deeds, machine):
    with pytest.raises(Missing, match=r"only root can install one: sudo apt-get install docker\.io"):
        engine.ensure(machine(root=False))
    assert deeds == []


def test_who_is_not_root_does_not_start_an_installed_one(deeds, machine, monkeypatch):
    monkeypatch.setattr(engine, "is_there", lambda _: True)
    with pytest.raises(Missing, match="sudo systemctl start docker"):
        engine.ensure(machine(root=False))
    assert deeds == []


def test_another_distribution_is_told_where_to_look(deeds, machine):
    with pytest.raises(Missing, match="fedora is neither Debian nor Ubuntu: install Docker as"):
        engine.ensure(machine(distribution="fedora"))
    assert deeds == []


def test_an_address_that_somebody_chose_is_never_replaced(deeds, machine, monkeypatch):
    chosen = engine.Engine("tcp://127.0.0.1:1", chosen=True, reason="connection refused")
    monkeypatch.setenv("DOCKER_HOST", chosen.address)
    monkeypatch.setattr(engine, "look", lambda: chosen)
    with pytest.raises(Missing, match=r"tcp://127\.0\.0\.1:1 \(connection refused\): start it, or unset DOCKER_HOST"):
        engine.ensure(machine())
    assert deeds == []


def test_a_closed_socket_names_the_group_and_installs_nothing(deeds, machine, monkeypatch):
    closed = engine.Engine(NONE.address, chosen=False, reason="permission denied")
    monkeypatch.setattr(engine, "look", lambda: closed)
    with pytest.raises(Missing, match="sudo usermod -aG docker"):
        engine.ensure(machine(root=False))
    assert deeds == []


def test_looking_at_an_unreachable_host_gives_a_reason_and_no_exception(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    found = engine.look()
    assert (found.version, found.chosen, found.reason) == (None, True, "connection refused")


def test_looking_at_a_nonsense_host_gives_a_reason_and_no_exception(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "nonsense://")
    assert engine.look().version is None


def test_connecting_without_an_engine_ends_in_the_next_step(monkeypatch):
    monkeypatch.setattr(engine, "look", lambda: NONE)
    with pytest.raises(Missing, match=r"run `drillbook doctor --fix`$"):
        engine.connect()
