"""Fetch the wheels of a pinned requirements file for another Python than the one that runs us.

The host fetches, with its own pip settings, for an image's build may have neither a registry nor the machine's CA.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from drillbook.doctor.missing import Missing
from drillbook.doctor.program import logged

OLDEST_GLIBC = 17
# Prints what decides which wheels fit: the marker values of PEP 508, the machine and the C library.
ASK = """
import json, os, platform, sys
print(json.dumps({
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": platform.python_version(),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": "%d.%d" % sys.version_info[:2],
        "sys_platform": sys.platform,
    },
    "glibc": platform.libc_ver()[1],
}))
"""


@dataclass(frozen=True)
class Python:
    """The Python that will run the wheels."""

    markers: dict[str, str]
    glibc: str

    @property
    def platforms(self) -> list[str]:
        """The platform tags that run there, the newest first."""
        machine, newest = self.markers["platform_machine"], int(self.glibc.partition(".")[2] or OLDEST_GLIBC)
        numbered = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, OLDEST_GLIBC - 1, -1)]
        return [*numbered, f"manylinux2014_{machine}"]


def python_of(client: Any, image: str) -> Python:
    """Ask the Python of an image what it is."""
    output = client.containers.run(image, ["python3", "-c", ASK], entrypoint="", remove=True, network_mode="none")
    return Python(**json.loads(output))


def fetch(requirements: Path, python: Python, into: Path) -> None:
    """Put the wheels of a fully pinned requirements file into a folder; raise Missing where one cannot be had."""
    wanted = pinned(requirements.read_text(), python)
    target = ["--python-version", python.markers["python_full_version"], "--implementation", "cp"]
    target += [word for name in python.platforms for word in ("--platform", name)]
    download = [sys.executable, "-m", "pip", "download", "--progress-bar=off", "--no-deps", "--only-binary=:all:"]
    logged(
        [*download, *target, "--dest", str(into), *wanted],
        log="wheels",
        next_step="see that pip can reach its index",
    )


def pinned(text: str, python: Python) -> list[str]:
    """Return the requirements that apply to a Python, without markers; raise Missing for one that is not pinned.

    pip would judge the markers by the Python that runs it, whatever --python-version says.
    """
    lines = [line.partition(" #")[0].strip() for line in text.splitlines()]
    asked = [_read(line) for line in lines if line and not line.startswith("#")]
    for requirement in asked:
        if [each.operator for each in requirement.specifier] != ["=="]:
            raise Missing(f"{requirement.name} is not pinned: write {requirement.name}==VERSION in requirements.txt")
    return [_plain(each) for each in asked if each.marker is None or each.marker.evaluate(dict(python.markers))]


def _read(line: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise Missing(f"requirements.txt: {line!r} is no requirement: write NAME==VERSION; MARKER") from error


def _plain(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"
