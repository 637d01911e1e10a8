"""The reference image: the stand-in services of the compose files, built on the Python image."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from drillbook.doctor import build, images, inputs, wheels
from drillbook.doctor.missing import Missing
from drillbook.doctor.say import step


def ensure(client: Any, base: str, folder: Path = inputs.REFERENCE) -> None:
    """Build the reference image on a Python base; raise Missing where its folder is incomplete or the build fails."""
    if not folder.is_dir():
        raise Missing(
            f"reference: only a checkout of Drillbook has it: name an image of yours in {images.REFERENCE.variable}"
        )
    for name in ("Dockerfile", "requirements.txt"):
        if not (folder / name).is_file():
            raise Missing(f"reference: no {name} in {folder}: git checkout -- systems/reference")
    with step(f"reference: building it on {base}"), tempfile.TemporaryDirectory() as context:
        _stage(client, base, folder=folder, context=Path(context))
        # The tag of what was staged: the folder may be edited meanwhile.
        tag = inputs.reference_tag(base, Path(context))
        build.build(client, Path(context), tag=tag, arguments={"BASE": base})


def _stage(client: Any, base: str, *, folder: Path, context: Path) -> None:
    """Lay out what the Dockerfile copies: the folder's files, and the wheels in `wheels/`."""
    for path in inputs.files(folder):
        place = context / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
    python = wheels.python_of(client, base)
    (context / "wheels").mkdir()
    wheels.fetch(folder / "requirements.txt", python, context / "wheels")
