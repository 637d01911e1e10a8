"""Which image serves under which name: what the environment says, the official one, or our stand-in.

Nothing is remembered between runs: each answer comes from the environment variables and from the engine.
"""

import os
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from drillbook.doctor import engine, inputs
from drillbook.doctor.missing import Missing

HasImage = Callable[[str], bool]
Pull = Callable[[str], bool]
OFFICIAL = "official"
_IMAGE = re.compile(r"""\bimage:\s*["']?(?:\$\{\w+:?-)?([\w./:@-]+)""")  # `${NAME:-redis:7}` is redis:7, too


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
PGBOUNCER = Image("pgbouncer", "edoburu/pgbouncer:v1.23.1-p2")
NGINX = Image("nginx", "nginx:1.27")
PYTHON = Image("python", "python:3.12-slim")  # only the base that the reference image is built on
REFERENCE = Image("reference")
BUILT = (POSTGRES, REDIS, NODE_EXPORTER, PGBOUNCER, NGINX, PYTHON, REFERENCE)
STARTED = tuple(image for image in BUILT if image != PYTHON)


def environment(is_here: HasImage | None = None) -> dict[str, str]:
    """Return the DRILLBOOK_IMAGE_* variables for a compose file: what is here, or else what would be the best."""
    is_here = is_here or on(engine.connect())
    return {image.variable: (find(image, is_here) or candidates(image)[0]).tag for image in STARTED}


def serving(tags: Iterable[str], is_here: HasImage, pull: Pull) -> dict[str, Found]:
    """Return what serves in place of those tags that are not here and that are ours or official images we know.

    An official one is pulled first, in one attempt. Raises Missing, which names the image and the next step, where one
    is nowhere; tags of other people's images are nobody's business here.
    """
    given = {tag: name for name, tag in environment(is_here).items()}
    found = {}
    for tag in sorted(set(tags)):
        image = next((one for one in STARTED if one.variable == given.get(tag)), None) or official(tag)
        if image and not is_here(tag) and not (official(tag) and pull(tag)):
            found[tag] = _required(image, is_here)
    return found


def official(tag: str) -> Image | None:
    """Return the image that the tag is a version of, where we have a stand-in for it: `postgres:15`."""
    name = tag.removeprefix("docker.io/").removeprefix("library/").partition("@")[0]
    repository = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    known = {image.official.rpartition(":")[0]: image for image in STARTED if image.official}
    return known.get(repository)


def needed(environ: Mapping[str, str] = os.environ, wanted: Container[Image] = STARTED) -> tuple[Image, ...]:
    """Return the images to make sure of so that those `wanted` are there, in the order of building.

    The reference image is built on the Python image, unless there is a ready one.
    """
    base = {PYTHON} if REFERENCE in wanted and not environ.get(REFERENCE.variable) else set()
    return tuple(image for image in BUILT if image in base or image in wanted)


def named_in(text: str) -> set[Image]:
    """Return the images of ours, and the official ones that we have a stand-in for, that a compose file names."""
    officials = {official(tag) for tag in _IMAGE.findall(text)}
    return {image for image in STARTED if image.variable in text or image in officials}


def on(client: Any) -> HasImage:
    """Return the question whether an image is on the client's engine."""
    from docker.errors import APIError

    def is_here(tag: str) -> bool:
        try:
            client.api.inspect_image(tag)
        except APIError as error:
            if error.status_code not in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST):  # none, or no name of one
                raise
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


def _required(image: Image, is_here: HasImage) -> Found:
    found = find(image, is_here)
    if found is None:
        raise Missing(f"{explain(image)}: {engine.FIX}")
    return found
