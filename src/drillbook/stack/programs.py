"""Docker's programs: the variables that they are given, and what they say where they fail, in words for the user."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drillbook.common.inert import inert
from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEXT_STEP = "run `drillbook doctor` to see what is missing"
MOST_LINES = 12


@contextmanager
def variables(values: Mapping[str, str], without: str | None = None) -> Iterator[None]:
    """Compose reads variables from its environment, which testcontainers takes from ours.

    `without`: those of the user's whose names begin so are not passed on.
    """
    before = dict(os.environ)
    for name in [name for name in before if without and name.startswith(without)]:
        del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """What docker says where it fails, as Mistakes: its last lines, without secrets."""
    try:
        yield
    except FileNotFoundError:
        raise Mistakes([f"{what}: there is no docker command: {NEXT_STEP}"]) from None
    except subprocess.CalledProcessError as error:
        said = scrub((error.stderr or b"").decode(errors="replace")).strip().splitlines()
        lines = [f"  {inert(line)}" for line in said[-MOST_LINES:]]
        raise Mistakes([f"{what}: docker compose says:", *lines]) from None


@contextmanager
def engine_explained(what: str) -> Iterator[None]:
    """What the engine says where it cannot do something, as Mistakes, without secrets."""
    try:
        yield
    except Mistakes:
        raise
    except Exception as error:  # the SDK lets errors of five libraries through
        said = str(getattr(error, "explanation", None) or error)
        raise Mistakes([f"{what}: the engine says: {inert(scrub(said))[:300]}"]) from None
