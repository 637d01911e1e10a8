"""What goes into the images that we build, and the tags that follow from it.

A tag holds the hash of its inputs: changed inputs are another tag, which is not there yet, and so get built.
"""

import hashlib
from pathlib import Path

from drillbook.common.standard import standard
from drillbook.doctor.machine import this_machine

STANDINS = Path(__file__).parent / "standins"
REFERENCE = standard() / "systems" / "reference"  # in a checkout of Drillbook alone
BASE_OPTIONS = (
    "--variant=minbase",
    "--dpkgopt=force-unsafe-io",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)
NOT_INPUTS = {"__pycache__", "wheels", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


def suite() -> str:
    """Return the release that stand-ins are built from: the machine's own, or Debian 12 elsewhere."""
    return this_machine().codename or "bookworm"


def base_tag() -> str:
    """Return the tag of the base image that all stand-ins are built on."""
    return "drillbook/base:" + _hash([suite(), *BASE_OPTIONS])


def standin_tag(name: str, folder: Path = STANDINS) -> str:
    """Return the tag of a stand-in; never an official name, for Debian's versions are others."""
    return f"drillbook/{name}:" + _hash([base_tag(), *_contents(folder / name)])


def reference_tag(base: str, folder: Path = REFERENCE) -> str:
    """Return the tag of the reference image on a Python base."""
    return "drillbook/reference:" + _hash([base, *_contents(folder)])


def files(folder: Path) -> list[Path]:
    """Return the files of a build folder in a fixed order, without what runs leave behind there."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in found if not NOT_INPUTS.intersection(path.relative_to(folder).parts))


def _contents(folder: Path) -> list[str | bytes]:
    # The mode's execute bit is an input too: an entry point without it does not start.
    return [
        part
        for path in files(folder)
        for part in (f"{path.relative_to(folder)} {path.stat().st_mode & 0o100:o}", path.read_bytes())
    ]


def _hash(parts: list[str] | list[str | bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:12]
