"""Compose v2: a plugin of the docker command line, put into the user's plugin folder where it is missing."""

import os
import shutil
import tempfile
from pathlib import Path

from drillbook.common.progress import under_way
from drillbook.doctor import apt
from drillbook.doctor.machine import Machine
from drillbook.doctor.missing import Missing
from drillbook.doctor.program import is_there, output_of
from drillbook.doctor.say import say, step

BY_HAND = "install Compose v2 as https://docs.docker.com/compose/install says"


def version() -> str | None:
    """Return the version of Compose v2, or None where there is none."""
    return output_of(["docker", "compose", "version", "--short"])


def ensure(machine: Machine) -> None:
    """Make sure of the docker command line and its Compose plugin; raise Missing where that cannot be."""
    if not is_there("docker"):
        raise Missing("docker command line: not here: sudo apt-get install docker.io")
    with under_way("asking docker for its Compose", say=say):
        found = version()
    if found:
        return
    if not machine.has_apt:
        raise Missing(f"docker compose: not here, and {machine.distribution} has no apt: {BY_HAND}")
    with step(f"docker compose: none here; putting the plugin into {plugin_folder()}"):
        _install(machine)
    if not version():
        raise Missing(f"docker compose: the plugin in {plugin_folder()} does not run: {BY_HAND}")


def plugin_folder() -> Path:
    """Return the folder in which the docker command line looks for this user's plugins."""
    settings = os.environ.get("DOCKER_CONFIG")
    return (Path(settings) if settings else Path.home() / ".docker") / "cli-plugins"


def _install(machine: Machine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        package, lines = _package(machine)
        apt.unpack(package, lines, Path(folder))
        plugin = next(Path(folder).rglob("cli-plugins/docker-compose"), None)
        if plugin is None:
            raise Missing(f"docker compose: no plugin in the package {package}: {BY_HAND}")
        _put(plugin, plugin_folder())


def _put(plugin: Path, folder: Path) -> None:
    """Copy beside the place and rename: a docker that runs meanwhile never sees half a plugin."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f".docker-compose.{os.getpid()}"
    shutil.copy2(plugin, copy)
    copy.chmod(0o755)
    copy.replace(folder / "docker-compose")


def _package(machine: Machine) -> tuple[str, list[str]]:
    """Return the package that holds the plugin and where it is; Debian has it from 13 on, and it runs on 12."""
    own = apt.sources(machine)
    if machine.distribution == "ubuntu":
        return "docker-compose-v2", [source.line(machine) for source in own]
    return "docker-compose", [apt.Source(own[0].address, "trixie", "main").line(machine)]
