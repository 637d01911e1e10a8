"""Which image serves under which name: what the environment says, the official one, or our stand-in.

Nothing is remembered between runs: each answer comes from the environment variables and from the engine.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from drillbook.doctor import engine, inputs
from drillbook.doctor.missing import Missing

HasImage = Callable[[str], bool]
OFFICIAL = "official"


@dataclass(frozen=True)
class Image:
    """An image that a start or a build needs, under the name that compose files know it by."""

    name: str
    official: str | None = None  # None: nobody but us builds it

    @property
    def variable(self) -> str:
        """The environment variable that overrides the image."""
        return "DRILLBOOK_IMAGE_" + self.name.upper().replace("-", "_")


@dataclass(frozen=True)
class Found:
    """An image that is on this machine, and why it is the one."""

    tag: str
    origin: str


POSTGRES = Image("postgres", "postgres:16")
REDIS = Image("redis", "redis:7")
NODE_EXPORTER = Image("node-exporter", "prom/node-exporter:v1.8.2")
PYTHON = Image("python", "python:3.12-slim")  # only the base that the reference image is built on
REFERENCE = Image("reference")
STARTED = (POSTGRES, REDIS, NODE_EXPORTER, REFERENCE)


def environment() -> dict[str, str]:
    """Return the DRILLBOOK_IMAGE_* variables that a compose start needs; changes nothing.

    Raises Missing, which names the image and the next step, where one is nowhere.
    """
    here = on(engine.connect())
    return {image.variable: _required(image, here) for image in STARTED}


def needed(environ: Mapping[str, str] = os.environ) -> tuple[Image, ...]:
    """Return the images to make sure of, in the order of building: no Python base for a ready reference image."""
    built = (REFERENCE,) if environ.get(REFERENCE.variable) else (PYTHON, REFERENCE)
    return (POSTGRES, REDIS, NODE_EXPORTER, *built)


def on(client: Any) -> HasImage:
    """Return the question whether an image is on the client's engine."""
    from docker.errors import ImageNotFound

    def is_here(tag: str) -> bool:
        try:
            client.api.inspect_image(tag)
        except ImageNotFound:
            return False
        return True

    return is_here


def find(image: Image, is_here: HasImage, environ: Mapping[str, str] = os.environ) -> Found | None:
    """Return the image that serves, or None where it is nowhere; an override leaves no second choice."""
    return next((found for found in candidates(image, environ) if is_here(found.tag)), None)


def candidates(image: Image, environ: Mapping[str, str] = os.environ) -> list[Found]:
    """Return what may serve as the image, the best first."""
    if chosen := environ.get(image.variable):
        return [Found(chosen, f"set by {image.variable}")]
    if image == REFERENCE:
        bases = candidates(PYTHON, environ)
        return [Found(inputs.reference_tag(base.tag), f"built by us on {base.tag}") for base in bases]
    official = [Found(image.official, OFFICIAL)] if image.official else []
    return [*official, Found(inputs.standin_tag(image.name), "stand-in built from Debian packages")]


def explain(image: Image, environ: Mapping[str, str] = os.environ) -> str:
    """Return the one line that says which image is missing."""
    choice = candidates(image, environ)
    if environ.get(image.variable):
        return f"{image.name}: {choice[0].tag} ({choice[0].origin}) is not on this machine"
    return f"{image.name}: missing (neither {' nor '.join(found.tag for found in choice)} is on this machine)"


def _required(image: Image, is_here: HasImage) -> str:
    found = find(image, is_here)
    if found is None:
        raise Missing(f"{explain(image)}: {engine.FIX}")
    return found.tag
