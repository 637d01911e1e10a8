"""What the doctor sees: one finding per thing that a start needs. Looking changes nothing."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from drillbook.doctor import compose, engine, images

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
LEAST_DISK_GIGABYTES = 2


@dataclass(frozen=True)
class Finding:
    """One line of the report, and whether what it is about is there."""

    line: str
    there: bool = True


def look() -> list[Finding]:
    """Return what is there and what is missing, in the order in which one stands on the other."""
    found = engine.look()
    findings = [python(sys.version_info[:2]), _engine(found), _compose()]
    if found.version is None:
        return [*findings, Finding("images: cannot tell without an engine", there=False)]
    return [*findings, disk(Path(engine.disk_folder())), *_images()]


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


def _images() -> list[Finding]:
    is_here = images.on(engine.client())
    return [_image(image, images.find(image, is_here)) for image in images.needed()]


def _image(image: images.Image, found: images.Found | None) -> Finding:
    if found is None:
        return Finding(images.explain(image), there=False)
    return Finding(f"{image.name}: {found.tag} ({found.origin})")
