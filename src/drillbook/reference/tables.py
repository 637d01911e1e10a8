"""The tables of a system file and their keys, found by walking the models: each with what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.reference import examples
from drillbook.reference.texts import about, texts_of
from drillbook.reference.values import default_of, forms_of, model_of, names_of, words_of
from drillbook.system.file import System
from drillbook.system.kinds import kinds
from drillbook.system.limits import LimitTable
from drillbook.system.reads import Read
from drillbook.system.services import Reference, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from drillbook.system.kinds import Kind
    from drillbook.system.strict import Form, Strict

    Found = list[dict[str, Any]]

SERVICES, READS, REFERENCES = "services", "signals.read", "references"
_OPEN = (Service, Read, LimitTable)  # what others complete with keys of their own


@dataclass(frozen=True)
class Key:
    """A key: where it is (`services.http.health.path`), what may stand there, and what holds where it is left out.

    `default` is None where it must be there; `example` is a line of TOML, empty where none of the examples has it;
    `limits` judge what it declares; `inherited` says that each table of the sort has it.
    """

    place: str
    name: str
    values: str
    default: str | None
    text: str
    example: str
    table: str = ""
    limits: tuple[str, ...] = ()
    inherited: bool = False
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: where it is, how its header is written, what is said of it, and its keys."""

    place: str
    header: str
    text: str
    keys: tuple[Key, ...]
    kind: Kind | None = None


def tables() -> list[Table]:
    """All tables that a system file can have, in the order of the models; those of each kind with its services."""
    whole = examples.document(examples.WHOLE.read_text(encoding="utf-8"))
    top = list(_tables(System, "", "", [whole]))
    found = [one for kind in kinds().values() for one in _of_kind(kind)]
    return [*top, _table(Reference, REFERENCES, "", _references()), *found]


def _of_kind(kind: Kind) -> Iterator[Table]:
    if any(issubclass(kind.model, one.model) for one in kinds().values() if one is not kind):
        yield Table(f"{SERVICES}.{kind.name}", f"{SERVICES}.NAME", about(kind.model), (), kind)
        return
    example = examples.document(examples.text_of(kind))
    services = [one for one in example.get(SERVICES, {}).values() if one["kind"] == kind.name]
    yield from _tables(kind.model, f"{SERVICES}.{kind.name}", f"{SERVICES}.NAME", services, kind)
    if kind.reads:
        names = {name for name, one in example.get(SERVICES, {}).items() if one in services}
        signals = [one for one in example.get("signals", {}).values() if one.get("read", {}).get("service") in names]
        yield _table(kind.read_model, f"{READS}.{kind.name}", "", [one["read"] for one in signals])


def _references() -> Found:
    values = [one for kind in kinds().values() for one in _inside(examples.document(examples.text_of(kind)))]
    return [one for one in values if "env" in one]


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    """All tables in a value, at whatever depth; those with most keys in front."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _inside(one)


def _tables(model: type[Strict], place: str, header: str, found: Found, kind: Kind | None = None) -> Iterator[Table]:
    """The table of that model, and those inside it; `found` are those that examples have there."""
    if place:
        yield _table(model, place, header, found, kind)
    for name, field in model.model_fields.items():
        inner, key = model_of(field.annotation), field.alias or name
        if inner and not (place == SERVICES and kind is None):
            names = names_of(field.annotation)
            values = [value[key] for value in found if key in value]
            values = [one for value in values for one in (value.values() if names else [value])]
            where = ".".join(filter(None, (header, key, names)))
            below = ".".join(filter(None, (place, key)))
            yield from _tables(inner, below, where, [one for one in values if isinstance(one, dict)], kind)


def _table(model: type[Strict], place: str, header: str, found: Found, kind: Kind | None = None) -> Table:
    fields = model.model_fields.items()
    keys = tuple(_key(model, name, field, (place, found), kind) for name, field in fields)
    return Table(place, header, about(model), keys, kind if place.count(".") == 1 else None)


def _key(model: type[Strict], name: str, field: FieldInfo, at: tuple[str, Found], kind: Kind | None) -> Key:
    place, found = at
    key = field.alias or name
    where = f"{place}.{key}"
    shown = next((f"{key} = {examples.written(value[key])}" for value in found if key in value), "")
    below = where.removeprefix(f"{SERVICES}.{kind.name}.") if kind else ""
    limits = tuple(limit for part in (kind.parts if kind else ()) if part.key == below for limit in part.limits)
    return Key(
        place=where,
        name=key,
        values=words_of(field),
        default=default_of(field),
        text=texts_of(model).get(name, ""),
        example=shown,
        table=where if model_of(field.annotation) else "",
        limits=limits,
        forms=tuple(forms_of(field.annotation, field.metadata)),
        inherited=any(name in one.model_fields for one in _OPEN if model is not one and issubclass(model, one)),
    )
