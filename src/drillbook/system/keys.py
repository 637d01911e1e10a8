"""Which keys a place of a file may have: the models of its tables, walked by its keys."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from drillbook.system.kinds import kinds
from drillbook.system.services import Service
from drillbook.system.strict import Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

Place = list[str]


def value_at(document: Mapping[str, Any], place: Place) -> Any:
    """What the document holds there; None where it holds nothing."""
    value: Any = document
    for part in place:
        if isinstance(value, list):
            value = value[int(part)] if part.isdecimal() and int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def table_at(root: type[BaseModel], place: Place, document: Mapping[str, Any]) -> type[BaseModel] | None:
    """The model of the table that may stand there; None where none may, or nothing is known of the place."""
    found: Any = root
    for depth, part in enumerate(place):
        found = _inside(found, part, value_at(document, place[:depth]))
    return _model(found, value_at(document, place))


def keys_of(table: type[BaseModel] | None) -> list[str]:
    """The keys that a table may have, as files write them."""
    return [field.alias or name for name, field in table.model_fields.items()] if table else []


def field_at(root: type[BaseModel], place: Place, document: Mapping[str, Any]) -> FieldInfo | None:
    """What its table says of the key that `place` ends in; None where it has no such key."""
    table = table_at(root, place[:-1], document)
    fields = table.model_fields.items() if table else ()
    return next((one for name, one in fields if place[-1] == (one.alias or name)), None)


def choices_of(field: FieldInfo | None) -> list[str]:
    """The words that may stand there, in quotes, where only some may."""
    found = _choices(field.annotation) if field else ()
    return [f'"{word}"' for one in found if get_origin(one) is Literal for word in get_args(one)]


def form_of(field: FieldInfo | None) -> str:
    """What form a text has there, in words; empty where any will do."""
    if not field:
        return ""
    either = get_args(field.annotation) if get_origin(field.annotation) in (Union, UnionType) else ()
    made = [*field.metadata, *(data for one in either for data in get_args(one)[1:])]
    return next((one.words for one in made if isinstance(one, Form)), "")


def _inside(annotation: Any, part: str, value: Any) -> Any:
    """The annotation of what is below `part`."""
    if model := _model(annotation, value):
        if issubclass(model, RootModel):  # its tables are those of the file
            return _inside(model.model_fields["root"].annotation, part, value)
        return next((one.annotation for name, one in model.model_fields.items() if part == (one.alias or name)), None)
    inner = (get_args(one) for one in _choices(annotation) if get_origin(one) in (dict, list))
    return next((args[-1] for args in inner), None)


def _model(annotation: Any, value: Any) -> type[BaseModel] | None:
    """The model among what may stand there; of a service, that of its kind."""
    models = [one for one in _choices(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
    kind = value.get("kind") if isinstance(value, dict) else None
    if models == [Service] and isinstance(kind, str) and kind in kinds():
        return kinds()[kind].model
    return models[0] if models else None


def _choices(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _choices(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _choices(one)
    else:
        yield annotation
