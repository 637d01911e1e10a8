"""What may stand behind a key, in words: taken from the types of the models."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from drillbook.reference.examples import written
from drillbook.system.services import Reference
from drillbook.system.strict import Form, Strict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic.fields import FieldInfo

REFERENCE = "references"
_PLAIN = {str: "a text", bool: "`true` or `false`", int: "a whole number", float: "a number", Any: "anything"}


def words_of(field: FieldInfo) -> str:
    """What may stand behind the key of that field; a form that texts have is a link to what is said of it."""
    return _words(field.annotation, field.metadata)


def default_of(field: FieldInfo) -> str | None:
    """What holds where the key is left out, as TOML has it; empty where nothing does, None where it must be there."""
    if field.is_required():
        return None
    if field.default in (None, "", [], {}, ()) or isinstance(field.default, Strict):
        return ""
    return written(field.default)


def forms_of(annotation: Any, metadata: Iterable[Any]) -> Iterator[Form]:
    """The forms of texts that are among what may stand there."""
    yield from (one for one in metadata if isinstance(one, Form))
    if get_origin(annotation) is Annotated:
        yield from forms_of(annotation.__origin__, annotation.__metadata__)
    else:
        for one in get_args(annotation):
            yield from forms_of(one, ())


def model_of(annotation: Any) -> type[Strict] | None:
    """The table among what may stand there, or in a list or table of them; references have a section of their own."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return None if annotation is Reference else annotation
    return next(filter(None, map(model_of, _inner(annotation))), None)


def models_in(model: type[Strict]) -> set[type[Strict]]:
    """A table and all tables inside it, at whatever depth, references included."""
    found = {model}
    ahead: list[Any] = [field.annotation for field in model.model_fields.values()]
    while ahead:
        one = ahead.pop()
        if isinstance(one, type) and issubclass(one, Strict) and one not in found:
            found.add(one)
            ahead += [field.annotation for field in one.model_fields.values()]
        ahead += _inner(one)
    return found


def names_of(annotation: Any) -> str:
    """What stands for the names of the tables there, in a header; empty where there is one table, without a name."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return names_of(annotation.__origin__)
    if origin is dict:
        return "SEVERITY" if get_origin(inner[0]) is Literal else '"NAME"' if inner[0] is str else "NAME"
    return next(filter(None, map(names_of, inner)), "")


def anchor_of(form: Form) -> str:
    """Where the page says what texts of that form are like."""
    return form.called.replace(" ", "-").replace("'", "")


def _inner(annotation: Any) -> tuple[Any, ...]:
    """What a type is made of, without what is only said about it."""
    return (annotation.__origin__,) if get_origin(annotation) is Annotated else get_args(annotation)


def _words(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    for one in metadata:
        if isinstance(one, Form):
            return f"[{one.called}](#{anchor_of(one)})"
        if isinstance(one, str):
            return one
    return _of_type(annotation) + _within(metadata)


def _of_type(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(annotation.__origin__, annotation.__metadata__)
    if origin is Literal:
        return " or ".join(f"`{written(one)}`" for one in inner)
    if origin in (Union, UnionType):
        return ", or ".join(dict.fromkeys(_words(one) for one in inner if one is not type(None)))
    if origin in (list, tuple):
        return f"a list, each {_words(inner[0])}"
    if origin is dict:
        return f"a table, each value {_words(inner[1])}"
    if annotation is Reference:
        return f"[a reference](#{REFERENCE})"
    return _PLAIN.get(annotation, "a table" if isinstance(annotation, type) else "anything")


def _within(metadata: Iterable[Any]) -> str:
    """The bounds that a number has."""
    bounds = [inner for one in metadata for inner in getattr(one, "metadata", [one])]
    low = next((one.ge for one in bounds if hasattr(one, "ge")), None)
    high = next((one.le for one in bounds if hasattr(one, "le")), None)
    if low is None:
        return ""
    return f" from {low} on" if high is None else f" from {low} to {high}"
