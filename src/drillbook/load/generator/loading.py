"""Reads the file of a profile: what it declares, or what is wrong with it, a line each with the next step."""

from __future__ import annotations

import inspect
import math
import sys
import traceback
from dataclasses import asdict, dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust import User

from drillbook.common.mistakes import Mistakes
from drillbook.load import profile as profiles
from drillbook.load.generator.reasons import thrown
from drillbook.load.generator.visitor import Visitor
from drillbook.load.profile import LoadProfile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

EXAMPLE = "class Shopper(Visitor): with functions marked @task (from drillbook.arrivals import Visitor, task)"


@dataclass(frozen=True)
class Loaded:
    """A file that can be run: its profile under its name, what it is about, and who visits."""

    name: str
    about: str
    profile: LoadProfile
    visitors: tuple[type[Visitor], ...]

    def facts(self) -> dict[str, Any]:
        """What the parent is told of it."""
        profile, visitors = self.profile, [kind.__name__ for kind in self.visitors]
        sums = {name: getattr(profile, name) for name in ("seconds", "asked", "peak")}
        return {"name": self.name, "about": self.about, **asdict(profile), **sums, "visitors": visitors}


def load(path: Path) -> Loaded:
    """What the file declares; Mistakes where it cannot be run, which name it as seen from the current folder."""
    path = path.absolute()
    module = _imported(path)
    there = {name: value for name, value in vars(module).items() if isinstance(value, LoadProfile)}
    users = _users(module)
    visitors = tuple(kind for kind in users if issubclass(kind, Visitor))
    if found := [*_of_profiles(there), *_of_others(users), *_of_visitors(visitors)]:
        raise Mistakes([f"{_shown(path)}: {mistake}" for mistake in found])
    name, profile = next(iter(there.items()))
    about = (inspect.getdoc(module) or "").strip().split("\n")[0]
    return Loaded(name, about, profile, visitors)


def _imported(path: Path) -> ModuleType:
    spec = spec_from_file_location(f"drillbook_profile_{path.stem}", path)  # never the name of another module
    if spec is None or spec.loader is None:
        raise Mistakes([f"{_shown(path)}: it is no Python file: name it something.py"])
    module = sys.modules[spec.name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise Mistakes([_of_import(path, error)]) from error
    return module


def _of_import(path: Path, error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    if isinstance(error, SyntaxError) and error.filename == str(path):
        lines, said = [error.lineno], f"{type(error).__name__}: {error.msg}"
    else:
        ours = isinstance(error, ValueError) and frames[-1].filename == profiles.__file__
        said = str(error) if ours else f"{thrown(error)}: put it right, and look with: python {_shown(path)}"
    where = f"{_shown(path)}:{lines[-1]}" if lines else _shown(path)
    return f"{where}: {' '.join(said.split())}"


def _of_profiles(there: dict[str, LoadProfile]) -> Iterator[str]:
    if not there:
        yield "there is no LoadProfile in it: NAME = LoadProfile(runbook=…, arrivals=…, held_to=…)"
    if len(there) > 1:
        yield f"{', '.join(there)}: one LoadProfile a file: move the others to files of their own"


def _of_others(users: list[type[User]]) -> Iterator[str]:
    for kind in users:
        if not issubclass(kind, Visitor):
            yield f"{kind.__name__} is one of Locust's users and would not be run: {EXAMPLE}"


def _of_visitors(visitors: tuple[type[Visitor], ...]) -> Iterator[str]:
    if not visitors:
        yield f"there is nobody in it who visits: {EXAMPLE}"
    for kind in visitors:
        if not kind.tasks:
            yield f"{kind.__name__} has no tasks: mark its functions with @task"
        if kind.__init__ is not Visitor.__init__:
            yield f"{kind.__name__}.__init__: say what comes first in on_start(self) instead"
        if not (isinstance(kind.weight, int | float) and 0 < kind.weight < math.inf):
            yield f"{kind.__name__}.weight is {kind.weight!r}: it is a number above 0"
        yield from _of_tasks(kind)


def _of_tasks(kind: type[Visitor]) -> Iterator[str]:
    for each in dict.fromkeys(kind.tasks):
        name = f"{kind.__name__}.{getattr(each, '__name__', each)}"
        if not inspect.isfunction(each):
            yield f"{name} is no function: tasks are functions, not classes of tasks; write its steps as one function"
        elif inspect.iscoroutinefunction(each):
            yield f"{name} is async and would ask nothing: write def instead of async def"


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _users(module: ModuleType) -> list[type[User]]:
    """The classes that Locust would run, each once."""
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, User)]
    return [kind for kind in dict.fromkeys(classes) if not kind.abstract]
