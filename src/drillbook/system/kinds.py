"""The kinds of services there are: each is a folder, of Drillbook's `probes/` or of the user's own `kinds/`.

A kind says what it is in the `__init__` of its folder, which is cheap to import; its table, its noun and its reading,
which may not be, are loaded where a system has such a service.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.system.spelling import Spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import ModuleType

    from drillbook.system.reads import Read
    from drillbook.system.services import Service

PROBES = "drillbook.probes"
OWN = "kinds"
UPSTREAM = "upstream"  # a role; and the kind that a service of it is of where it speaks HTTP
TLS = "tls"  # the kind of a port that speaks it
DAYS_LEFT, CHAIN, NAME = "tls.days_left", "tls.chain", "tls.name"
OF_CERTIFICATES = (DAYS_LEFT, CHAIN, NAME)  # judged on services of whatever kind that are asked by TLS, too


@dataclass(frozen=True)
class Inside:
    """One thing that a service's table holds and that has to be judged.

    `what` is its key there ("endpoints.deals"), `limits` are those that judge it, called `patterns` in house.toml.
    Where they judge others like it too, `item` is what tells it from them (a mount).
    """

    what: str
    limits: tuple[str, ...]
    patterns: tuple[str, ...]
    item: str = ""


@dataclass(frozen=True)
class Part:
    """A key of a kind's table that, where it is there, one of `limits` has to judge: `Part("ready", ("api.ready",))`.

    With `each`, the key holds several things, each judged by itself, and a check that takes an argument of that name
    runs once for each. A `*` in a limit's name stands for the thing's own.
    """

    key: str
    limits: tuple[str, ...]
    each: str = ""

    def inside(self, declared: Service) -> Iterator[Inside]:
        """What of it the table of a service holds."""
        if self.each:
            yield from (self._one(item) for item in self.items(declared))
        elif self._held(declared):
            yield Inside(self.key, self.limits, self.limits)

    def items(self, declared: Service) -> list[str]:
        """The names of the things that the table of a service holds there."""
        return list(self._held(declared) or ())

    def _one(self, item: str) -> Inside:
        limits = tuple(limit.replace("*", item) for limit in self.limits)
        return Inside(f"{self.key}.{item}", limits, self.limits, item if limits == self.limits else "")

    def _held(self, declared: Service) -> Any:
        held: Any = declared
        for key in self.key.split("."):
            held = getattr(held, key, None)
        return held


@dataclass(frozen=True)
class Through:
    """A service that is seen through another one: `key` of its table names that one, which is of `kind`."""

    key: str
    kind: str


@dataclass(frozen=True)
class Kind:
    """A kind of service.

    `package` is the `__name__` of its folder, and the last part of it what system files call the kind. `noun` is the
    argument by which checks ask for such a service, `about` says what it stands for, and `answers` is the class of it
    in `noun.py`; `table` is the class in `table.py`, and `address` the key there that refers to the URL or DSN.

    With `spelt`, `understood` in its `address.py` reads addresses as applications write them.

    `up` is the limit that says whether such a service is up, `limits` the first words of all limits that are judged
    on it; by `roles` some of them are judged only on services of one role, and on those that state none. `warm` are the
    questions that are answered well once it has started, `asks` the limits that need no check, each with the question
    that it judges: answered with one observation, or with a list of them, one for each thing that was asked about.
    `ours` are those that are judged of the run's own requests where nobody visits (`traffic = "ours"`).
    `checked` are those that checks written by hand judge, each with its question, so that the reference can say of all
    limits how they are measured. `reads` is the class in `table.py` of what can be read for a signal, which
    `signals.py` then reads. `needs` is a library that only this kind needs, and how it is installed.
    """

    package: str
    noun: str
    about: str
    table: str
    answers: str
    up: str
    limits: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
    address: str = "url"
    spelt: bool = False
    through: Through | None = None
    parts: tuple[Part, ...] = ()
    warm: tuple[str, ...] = ("answers",)
    asks: Mapping[str, str] = field(default_factory=dict)
    ours: tuple[str, ...] = ()
    checked: Mapping[str, str] = field(default_factory=dict)
    reads: str = ""
    needs: tuple[str, str] = ("", "")

    @property
    def name(self) -> str:
        """What system files call it."""
        return self.package.rpartition(".")[2]

    @property
    def missing(self) -> str:
        """What has to be installed before such a service can be asked; empty where nothing has."""
        library, command = self.needs
        return f"needs {library}, which is not installed: {command}" if library and not find_spec(library) else ""

    @property
    def defaults(self) -> Path:
        """Its own house defaults, where there is such a file."""
        return Path(str(import_module(self.package).__file__)).with_name("limits.toml")

    @property
    def model(self) -> type[Service]:
        """The table of such a service; Mistakes where it cannot be loaded."""
        model: type[Service] = self._table(self.table)
        return model

    @property
    def read_model(self) -> type[Read]:
        """The table of what can be read from such a service for a signal; Mistakes where it cannot be loaded."""
        model: type[Read] = self._table(self.reads)
        return model

    @property
    def signals(self) -> ModuleType:
        """The module that reads signals from such a service."""
        return import_module(f"{self.package}.signals")

    @property
    def understood(self) -> Callable[[str], Spelling]:
        """Reads an address as applications write it; as it is, where the kind says nothing about that."""
        if not self.spelt:
            return Spelling
        understood: Callable[[str], Spelling] = import_module(f"{self.package}.address").understood
        return understood

    @property
    def reading(self) -> ModuleType:
        """The module that reads such a service."""
        return import_module(f"{self.package}.reading")

    @property
    def noun_class(self) -> Any:
        """The class of the noun, whose questions say how each of its limits is measured."""
        return getattr(import_module(f"{self.package}.noun"), self.answers)

    def _table(self, name: str) -> Any:
        try:
            return getattr(import_module(f"{self.package}.table"), name)
        except Exception as error:
            raise Mistakes([f"the table of the kind {self.name!r} cannot be loaded: {error}"]) from None

    def ask(self, *service_and_readings: Any, **named: Any) -> Any:
        """The noun for a service and its readings: each of its questions is answered by one observation."""
        return self.noun_class(*service_and_readings, **named)


def kinds() -> dict[str, Kind]:
    """All kinds there are, by name; Mistakes where a folder does not say what it is."""
    return _kinds(tuple(import_module(PROBES).__path__))


def ups() -> set[str]:
    """The limits that say whether a service is there at all, one for each kind."""
    return {kind.up for kind in kinds().values()}


def kinds_in(folder: Path) -> None:
    """Has `folder` searched for kinds, too, as if its folders stood beside Drillbook's own."""
    places = import_module(PROBES).__path__
    if folder.is_dir() and str(folder) not in places:
        places.append(str(folder))


@cache
def _kinds(places: tuple[str, ...]) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for place in places:
        for module in iter_modules([place]):
            if module.ispkg:
                found[module.name] = _kind(Path(place, module.name))
    _told_apart(found.values())
    return dict(sorted(found.items()))


def _told_apart(found: Iterable[Kind]) -> None:
    taken: dict[str, Kind] = {}
    for kind in found:
        for word in (kind.noun, *kind.limits):
            if (other := taken.setdefault(word, kind)) is not kind:
                raise Mistakes([f"the kinds {other.name!r} and {kind.name!r} both use {word!r}: choose another word"])


def _kind(folder: Path) -> Kind:
    try:
        module = import_module(f"{PROBES}.{folder.name}")
        kind = module.KIND
    except Exception as error:
        raise Mistakes([f"{folder}: is no kind of service: {error}"]) from None
    if not folder.samefile(Path(str(module.__file__)).parent) or not isinstance(kind, Kind):
        raise Mistakes([f"{folder}: Drillbook has something of that name: choose another for the kind"])
    return kind
