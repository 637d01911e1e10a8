"""Which images the systems of a repository are started from, as far as the doctor can see to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from drillbook.common.mistakes import Mistakes
from drillbook.doctor.images import Image, named_in
from drillbook.system.library import Library

_FILE = re.compile(r"[\w./-]+\.ya?ml\b")


@dataclass
class Wanted:
    """The images, and a line for each system of which nobody can tell."""

    images: set[Image] = field(default_factory=set)
    untold: list[str] = field(default_factory=list)


def wanted(library: Library) -> Wanted:
    """Return what the compose files of all systems name, and the files that these name in turn."""
    found = Wanted()
    for system in library.names():
        try:
            found.images |= _of(library, system)
        except Mistakes:
            found.untold.append(f"{system}: its images cannot be told: run `drillbook validate {system}`")
        except OSError as error:
            found.untold.append(f"{system}: stack.compose: {error.filename}: {error.strerror}")
    return found


def _of(library: Library, system: str) -> set[Image]:
    stack = library.read(system).stack
    return named_in("\n".join(_texts(library.file_of(system).parent / stack.compose, set()))) if stack else set()


def _texts(file: Path, seen: set[Path]) -> Iterator[str]:
    """Yield what a compose file says, and those that it includes or extends."""
    seen.add(file.resolve())
    text = file.read_text(errors="replace")
    yield text
    for other in (file.parent / name for name in _FILE.findall(text)):
        if other.is_file() and other.resolve() not in seen:
            yield from _texts(other, seen)
