"""A JSON schema of system files, for editors: made from the models, each kind of service by its own table.

It knows what stands where; what keys mean together (`named_by` needs `json`) is for `drillbook validate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.reference.texts import about, texts_of
from drillbook.reference.values import models_in
from drillbook.system.file import System
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from drillbook.system.kinds import Kind
    from drillbook.system.strict import Strict

    Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> Schema:
    """The schema of a system file, with the kinds of services that are found."""
    definitions: Schema = {}
    made = _of(System, definitions)
    of_kinds = [_of_kind(kind, definitions) for kind in kinds().values()]
    reads = [_of(kind.read_model, definitions) for kind in kinds().values() if kind.reads]
    [pattern] = made["properties"]["services"]["patternProperties"]
    made["properties"]["services"]["patternProperties"][pattern] = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(kinds())}},
        "allOf": of_kinds,
    }
    for key in ("read", "of"):
        definitions["SignalTable"]["properties"][key] = {
            "description": definitions["SignalTable"]["properties"][key]["description"],
            "anyOf": [_without_service(one) for one in reads] if key == "of" else reads,
        }
    return {"$schema": DRAFT, "title": "A system file of Drillbook", **made, "$defs": definitions}


def _of_kind(kind: Kind, definitions: Schema) -> Schema:
    """What holds for a service that says that kind."""
    return {"if": {"properties": {"kind": {"const": kind.name}}}, "then": _of(kind.model, definitions)}


def _of(model: type[Strict], definitions: Schema) -> Schema:
    """The schema of one table, with what is said of each key; the tables inside it go to `definitions`."""
    made = model.model_json_schema(by_alias=True)
    inner = made.pop("$defs", {})
    for one in models_in(model):
        _say(inner.get(one.__name__, made if one is model else None), one)
    definitions |= inner
    return made


def _say(made: Schema | None, model: type[Strict]) -> None:
    """Puts into a table's schema what the reference says of it and of its keys."""
    if made is None:
        return
    made["description"] = about(model)
    for name, field in model.model_fields.items():
        key = made["properties"][field.alias or name]
        key.pop("title", None)
        if "patternProperties" in key:  # the names that its tables have
            key["additionalProperties"] = False
        key["description"] = texts_of(model).get(name, "")
    made.pop("title", None)


def _without_service(read: Schema) -> Schema:
    return {**read, "required": [one for one in read.get("required", ()) if one != "service"]}
