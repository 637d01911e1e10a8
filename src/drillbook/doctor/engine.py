"""The container engine: is one there, and if not, may and can we start one?"""

import os
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import typer

from drillbook.common.progress import under_way
from drillbook.doctor import apt, daemon
from drillbook.doctor.machine import Machine
from drillbook.doctor.missing import Missing
from drillbook.doctor.program import is_there, output_of
from drillbook.doctor.say import say, step

FIX = "run `drillbook doctor --fix`"
ANSWER_SECONDS = 10
DEFAULT_ADDRESS = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Engine:
    """What was asked and what came back: a version, or the reason why there is none."""

    address: str
    chosen: bool  # somebody chose this address (DOCKER_HOST or a context): never install beside it
    version: str | None = None
    reason: str = ""


def client(timeout: float = 60) -> Any:
    """Return a docker SDK client for DOCKER_HOST, or else for the current context.

    `docker.from_env()` alone does not know contexts, which rootless engines are reached by.
    """
    import docker

    context = _context()
    if context is None:
        return docker.from_env(timeout=timeout)
    tls = context.TLSConfig if not context.Host.startswith("unix") else None
    return docker.DockerClient(base_url=context.Host, tls=tls or False, timeout=timeout)


def connect() -> Any:
    """Return a client of an engine that answers; raise Missing where none does."""
    found = look()
    if found.version is None:
        raise Missing(f"no docker engine answers at {found.address} ({found.reason}): {_advice(found)}")
    return client()


def look() -> Engine:
    """Ask the engine for its version; changes nothing and never raises."""
    address, chosen = DEFAULT_ADDRESS, False
    try:
        address, chosen = _address()
        with closing(client(timeout=ANSWER_SECONDS)) as asked:
            version = asked.version()["Version"]
    except Exception as error:  # the SDK lets errors of five libraries through, and all mean the same here
        return Engine(address, chosen, reason=_reason(error))
    return Engine(address, chosen, version=version)


def ensure(machine: Machine) -> None:
    """Use the engine that is there, or else install and start one; raise Missing where that cannot be."""
    with under_way("asking the docker engine", say=say, at_most=ANSWER_SECONDS):
        found = look()
    if found.version:
        return
    if found.chosen or found.reason == "permission denied":
        raise Missing(f"no docker engine answers at {found.address} ({found.reason}): {_advice(found)}")
    if not is_there("dockerd"):
        _install(machine)
    if not _answers():
        _start(machine)


def disk_folder() -> str:
    """Return the folder on the engine's machine that holds images and volumes."""
    return str(client().info()["DockerRootDir"])


def _install(machine: Machine) -> None:
    if not machine.may_install:
        raise Missing(f"docker engine: none here, and {_hindrance(machine)}: {_install_command(machine)}")
    if machine.terminal and not typer.confirm("docker engine: none here. Install docker.io with apt?"):
        raise Missing("docker engine: not installed, as you said: apt-get install docker.io")
    unasked = "" if machine.terminal else ", and no terminal to ask on"
    with step(f"docker engine: none here{unasked}; installing docker.io with apt"):
        apt.install("docker.io")
        if not is_there("docker"):
            apt.install("docker-cli")


def _start(machine: Machine) -> None:
    if not machine.root:
        raise Missing(
            "docker engine: installed but not running, and only root can start it: sudo systemctl start docker"
        )
    if machine.systemd:
        _start_as_service()
    else:
        _start_by_hand()


def _start_as_service() -> None:
    with step("docker engine: none running; systemctl start docker", at_most=70):
        output_of(["systemctl", "start", "docker"], seconds=60)
        daemon.wait(_answers, runs=lambda: True, help_="journalctl -u docker", seconds=10)


def _start_by_hand() -> None:
    with step(f"docker engine: none running; starting dockerd by hand (log: {daemon.LOG})", at_most=60):
        runs = daemon.start()
        daemon.wait(_answers, runs=runs, help_="dockerd --debug", log=daemon.LOG)


def _answers() -> bool:
    return look().version is not None


def _address() -> tuple[str, bool]:
    if host := os.environ.get("DOCKER_HOST"):
        return host, True
    context = _context()
    return (DEFAULT_ADDRESS, False) if context is None else (context.Host, True)


def _context() -> Any:
    """Return the current context where it is not the default one and DOCKER_HOST does not overrule it."""
    if os.environ.get("DOCKER_HOST"):
        return None
    from docker.context import ContextAPI

    context = ContextAPI.get_current_context()
    return None if context is None or context.Name == "default" else context


def _reason(error: Exception) -> str:
    text = str(error)
    for sign in ("permission denied", "connection refused", "no such file", "timed out", "not known"):
        if sign in text.lower():
            return sign
    return text.splitlines()[0][:120] if text else type(error).__name__


def _advice(found: Engine) -> str:
    if found.reason == "permission denied":
        return "let this user in, then log in again: sudo usermod -aG docker $USER"
    if os.environ.get("DOCKER_HOST"):
        return "start it, or unset DOCKER_HOST"
    return "start it, or run `docker context use default`" if found.chosen else FIX


def _hindrance(machine: Machine) -> str:
    return "only root can install one" if machine.has_apt else f"{machine.distribution} is neither Debian nor Ubuntu"


def _install_command(machine: Machine) -> str:
    if machine.has_apt:
        return "sudo apt-get install docker.io"
    return "install Docker as https://docs.docker.com/engine/install says"
