"""The signals that a system file declares: each with what is read for it, and all that is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from drillbook.system.kinds import UPSTREAM, kinds
from drillbook.system.names import nearest, split
from drillbook.system.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.judging.limit import Limit
    from drillbook.system.file import System
    from drillbook.system.kinds import Kind
    from drillbook.system.reads import Read
    from drillbook.system.signals import SignalTable

_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True)
class Signals:
    """All signals of a file by name, and the limits of single items by title; `mistakes` are those of the file."""

    by_name: Mapping[str, Signal] = field(default_factory=dict)
    of_items: Mapping[str, Limit] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()

    def limits(self, origin: str) -> dict[str, Limit]:
        """The limit of each; `origin` is where they are stated."""
        return {name: one.table.named(name, origin) for name, one in self.by_name.items()}

    def on(self, service: str) -> dict[str, Signal]:
        """Those that are read from `service`, and are not off."""
        return {name: one for name, one in self.by_name.items() if one.service == service and not one.table.off}


def signals_of(system: System, origin: str) -> Signals:
    """The signals that `system` declares, and all that is wrong with them; `origin` is where it does so."""
    found: dict[str, Signal] = {}
    mistakes: list[str] = []
    whole = {title: table for title, table in system.signals.items() if table.read is not None}
    for name, table in whole.items():
        try:
            found[name] = _signal(name, table, system)
        except ValueError as error:
            mistakes += [f"signals.{name}{line}" for line in str(error).splitlines()]
    items = {title: table for title, table in system.signals.items() if title not in whole}
    mistakes += [line for title in items for line in _item_mistakes(title, whole)]
    of_items = {
        title: _of_item(title, table, whole, origin) for title, table in items.items() if split(title)[0] in whole
    }
    return Signals(found, of_items, (*mistakes, *_section_mistakes(system)))


def _signal(name: str, table: SignalTable, system: System) -> Signal:
    if not _NAME.fullmatch(name):
        raise ValueError(": a signal's name has small letters, digits, _ and - and a dot in it: documents.age")
    read = _read(".read", table.read or {}, system)
    if why := read.refused(table.as_):
        raise ValueError(f".as: {why}")
    of = _read(".of", {"service": read.service} | table.of, system) if table.of is not None else None
    if of and (why := of.refused(table.as_)):
        raise ValueError(f".of: {why}")
    if of and of.service != read.service:
        raise ValueError(f".of.service: read both from one service, {read.service}")
    own = [split(title)[1] for title in system.signals if split(title)[0] == name != title]
    return Signal(name, table, read, of, tuple(dict.fromkeys([*table.names, *own])))


def _read(where: str, table: dict[str, Any], system: System) -> Read:
    """The read, by the table of the kind that its service has; ValueError in words, a line for each mistake."""
    name = table.get("service")
    if not isinstance(name, str) or name not in system.services:
        raise ValueError(f"{where}.service: {_no_service(name)}{nearest(str(name), system.services)}")
    kind = kinds()[system.services[name].kind]
    if UPSTREAM in system.services[name].roles and kind.name != UPSTREAM:
        raise ValueError(
            f"{where}.service: {name} is somebody else's service (role {UPSTREAM}): nothing is read from it"
        )
    if not kind.reads:
        raise ValueError(f"{where}.service: nothing can be read from {name}, which is of kind {kind.name} ({_can()})")
    model = kind.read_model
    try:
        read: Read = model.model_validate(table)
    except ValidationError as error:
        from drillbook.system.wording import lines_of

        lines = list(lines_of(error, table, model))
        strange = [line for line in lines if ": unknown key" in line]  # then nothing else is what was meant
        raise ValueError("\n".join(f"{where}{_joined(line, kind, model)}" for line in strange or lines)) from None
    if why := read.missing(system.services[name]):
        raise ValueError(f"{where}: {why}")
    return read


def _no_service(name: object) -> str:
    return "say which service it is read from" if name is None else f"{name!r} is no service of this file"


def _can() -> str:
    return f"from {', '.join(name for name, kind in kinds().items() if kind.reads)} it can"


def _joined(line: str, kind: Kind, model: type[Read]) -> str:
    """A mistake behind the place that it is at; of the table as a whole, with the keys that there are."""
    if "unknown key" in line:
        keys = ", ".join(one.alias or name for name, one in model.model_fields.items())
        where = line.partition(": unknown key")[0]
        return f".{where}: from a service of kind {kind.name} that cannot be read (keys: {keys})"
    return f".{line}" if re.match(r"\w+: ", line) else f": {line}"


def _item_mistakes(title: str, whole: Mapping[str, SignalTable]) -> Iterator[str]:
    name, item = split(title)
    if not item:
        yield f"signals.{title}: is missing read: write read = {{ service = …, … }}"
    elif name not in whole:
        yield f"signals.{title}: no signal is called {name!r}{nearest(name, whole)}"
    elif whole[name].together:
        yield f"signals.{title}: {name} is judged together: there are no items"


def _of_item(title: str, table: SignalTable, whole: Mapping[str, SignalTable], origin: str) -> Limit:
    signal = whole[split(title)[0]]
    stated = table if table.unit or table.off else table.model_copy(update={"unit": signal.unit})
    return stated.named(split(title)[0], origin)


def _section_mistakes(system: System) -> Iterator[str]:
    sections = system.runbook.sections if system.runbook else None
    for name, table in system.signals.items():
        if sections is not None and table.from_ is not None and table.from_ not in sections:
            yield f"signals.{name}.from: {table.from_!r} is not among runbook.sections"
        if name in system.limits:
            yield f'signals.{name}: [limits."{name}"] has that name already: state the limit in one place'
