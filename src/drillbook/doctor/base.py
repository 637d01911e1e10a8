"""The base image of all stand-ins: a minimal Debian (or Ubuntu) made from the machine's own package mirror."""

import tempfile
from pathlib import Path
from typing import Any

from drillbook.doctor import apt, images, inputs
from drillbook.doctor.machine import Machine
from drillbook.doctor.missing import Missing
from drillbook.doctor.program import is_there, logged
from drillbook.doctor.say import step

PATH = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def ensure(client: Any, machine: Machine) -> None:
    """Make sure of the base image; raise Missing where it cannot be built."""
    tag = inputs.base_tag()
    if images.on(client)(tag):
        return
    _ensure_mmdebstrap(machine)
    with step(f"{tag}: building a minimal {machine.codename} with mmdebstrap"), tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "base.tar"
        bootstrap(machine, archive)
        _import(client, archive, tag)


def _ensure_mmdebstrap(machine: Machine) -> None:
    if not machine.has_apt:
        raise Missing("stand-ins are built on Debian and Ubuntu only: load the images by hand (docker load)")
    if is_there("mmdebstrap"):
        return
    if not machine.may_install:
        raise Missing("stand-ins need mmdebstrap: sudo apt-get install mmdebstrap")
    with step("mmdebstrap: none here; installing it with apt"):
        apt.install("mmdebstrap")


def bootstrap(machine: Machine, archive: Path) -> None:
    """Write the base's files into an archive, from the machine's own mirror and with its view of dates."""
    lines = [source.line(machine) for source in apt.sources(machine)]
    options = [f"--aptopt={setting}" for setting in apt.date_settings()]
    options += ["--include=ca-certificates"] if any(" https:" in line for line in lines) else []
    logged(
        ["mmdebstrap", *inputs.BASE_OPTIONS, *options, inputs.suite(), str(archive), *lines],
        log="base",
        next_step="read the log, then run `drillbook doctor --fix` again",
        variables=apt.proxies(),
    )


def _import(client: Any, archive: Path, tag: str) -> None:
    repository, _, version = tag.partition(":")
    client.api.import_image(src=str(archive), repository=repository, tag=version, changes=[PATH, 'CMD ["/bin/sh"]'])
