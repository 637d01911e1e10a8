"""What the doctor sees: one finding per thing that a start needs. Looking changes nothing."""

import shutil
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from drillbook.common.extras import CHAOS
from drillbook.doctor import compose, engine, images
from drillbook.doctor.wanted import Wanted

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
LEAST_DISK_GIGABYTES = 2


@dataclass(frozen=True)
class Finding:
    """One line of the report, and whether what it is about is there."""

    line: str
    there: bool = True


def look(extras: Collection[str], found: Wanted) -> list[Finding]:
    """Return what is there and what is missing of all that checks and these extras need, as one stands on the other."""
    findings = [python(sys.version_info[:2]), *(Finding(f"drillbook[{extra}]: installed") for extra in extras)]
    return [*findings, *_copies(found)] if CHAOS in extras else findings


def _copies(wanted: Wanted) -> list[Finding]:
    """Return what copies of systems need: an engine, Compose, room, and their images."""
    found = engine.look()
    findings = [_engine(found), _compose()]
    if found.version is None:
        return [*findings, Finding("images: cannot tell without an engine", there=False)]
    untold = [Finding(line, there=False) for line in wanted.untold]
    return [*findings, disk(Path(engine.disk_folder())), *_images(wanted), *untold]


def python(version: tuple[int, ...]) -> Finding:
    """Return whether this Python is one that Drillbook is tested with."""
    number = ".".join(str(part) for part in version)
    if OLDEST_PYTHON <= version <= NEWEST_PYTHON:
        return Finding(f"python: {number}")
    return Finding(f"python: {number} is not supported: make the .venv with Python 3.11, 3.12 or 3.13", there=False)


def disk(folder: Path) -> Finding:
    """Return how much room the engine has; a folder that we cannot see is another machine's business."""
    if not folder.exists():
        return Finding(f"disk: {folder} is not on this machine, not looked at")
    free = shutil.disk_usage(folder).free / 1e9
    if free >= LEAST_DISK_GIGABYTES:
        return Finding(f"disk: {free:.0f} GB free in {folder}")
    return Finding(
        f"disk: {free:.1f} GB free in {folder}, {LEAST_DISK_GIGABYTES} needed: docker image prune", there=False
    )


def _engine(found: engine.Engine) -> Finding:
    if found.version:
        return Finding(f"docker engine: {found.version} at {found.address}")
    return Finding(f"docker engine: missing, nothing answers at {found.address} ({found.reason})", there=False)


def _compose() -> Finding:
    version = compose.version()
    if version:
        return Finding(f"docker compose: {version}")
    return Finding("docker compose: missing", there=False)


def _images(wanted: Wanted) -> list[Finding]:
    is_here = images.on(engine.client())
    return [_image(image, images.find(image, is_here)) for image in images.needed(wanted=wanted.images)]


def _image(image: images.Image, found: images.Found | None) -> Finding:
    if found is None:
        return Finding(images.explain(image), there=False)
    return Finding(f"{image.name}: {found.tag} ({found.origin})")
