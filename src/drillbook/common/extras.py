"""Extras of the package: what drills and load profiles need beside what checks need, and how it is installed."""

from __future__ import annotations

from importlib.util import find_spec

from drillbook.common.mistakes import Mistakes

CHAOS, LOAD = "chaos", "load"
EXTRAS = {CHAOS: ("docker", "testcontainers"), LOAD: ("locust", "hdrh")}  # and the libraries that they bring


def missing(extra: str) -> str:
    """Which libraries of `extra` are not installed, and the command that installs them; empty where all are."""
    absent = [library for library in EXTRAS[extra] if not _is_there(library)]
    return f"{' and '.join(absent)}, not installed here: pip install 'drillbook[{extra}]'" if absent else ""


def installed() -> list[str]:
    """The extras that are installed."""
    return [extra for extra in EXTRAS if not missing(extra)]


def need(what: str, extra: str) -> None:
    """Mistakes where `what` cannot be done because `extra` is not installed."""
    if absent := missing(extra):
        raise Mistakes([f"{what} needs {absent}"])


def _is_there(library: str) -> bool:
    """Whether it is installed: a folder of that name, `docker/` of a repository, is no library."""
    found = find_spec(library)
    return found is not None and found.origin is not None
