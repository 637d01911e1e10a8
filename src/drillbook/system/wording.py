"""What is wrong with a file, in words: where it is, what is wrong there, and what may stand there instead.

pydantic finds the mistakes; its own sentences speak of its models, and are for none but us.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from drillbook.judging.limit import Rung
from drillbook.judging.severity import SEVERITY_WORDS, Severity
from drillbook.system.keys import Place, choices_of, field_at, form_of, keys_of, table_at, value_at
from drillbook.system.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel, ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

BY_REFERENCE = 'addresses and secrets are given by reference only: write { env = "NAME_OF_THE_VARIABLE" }'
SEVERITIES = f"the severities are {', '.join(SEVERITY_WORDS)}"

WORDS = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "finite_number": "must be a number that is finite",
    "literal_error": "is none of those that there are: write {expected}",
    "string_too_short": "must not be empty",
    "too_short": "must hold at least {min_length} of them",
    "too_long": "must hold at most {max_length} of them",
}
WANTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number, without quotes",
    "int_from_float": "a whole number",
    "float_type": "a number, without quotes",
    "bool_type": "true or false, without quotes",
    "list_type": 'a list: ["…", "…"]',
    "tuple_type": 'a list: ["…", "…"]',
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
EXAMPLES = {
    **dict.fromkeys(SEVERITY_WORDS, '"> 90"'),
    "for": '"5m"',
    "deadline": '"3s"',
    "every": '"200ms"',
    "budget": '"60/min"',
    "unit": '"ms"',
    "path": '"/health"',
    "expect": "200",
    "roles": '["api"]',
    "sections": '["High Error Rate"]',
    "section": '"High Error Rate"',
    "judged_by": '["redis.up"]',
    "red": '["redis.up"]',
    "name": '"shop"',
    "title": '"The shop"',
    "compose": '"compose.yaml"',
    "service": '"web"',
    "broker": '"cache"',
    "env": '"SHOP_URL"',
}
IS = {
    str: "text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    **dict.fromkeys((int, float), "a number"),
    **dict.fromkeys((date, datetime, time), "a date or a time"),
}


def lines_of(error: ValidationError, document: Mapping[str, Any], root: type[BaseModel]) -> Iterator[str]:
    """A line for each place of `document`, a file as TOML has it, that is no `root`; no input is shown."""
    found: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        place = _place(detail, document)
        found.setdefault(".".join(place), []).append(_words(detail, place, document, root))
    for where, words in found.items():  # of what may be one thing or another, both say what is wrong
        yield f"{where}: {'; or '.join(dict.fromkeys(words))}".removeprefix(": ")


def _place(detail: ErrorDetails, document: Mapping[str, Any]) -> Place:
    """Where a mistake is, without what pydantic puts in between: the names of its own branches."""
    place: Place = []
    missing = detail["loc"][-1:] if detail["type"] == "missing" else ()
    for part in detail["loc"][: len(detail["loc"]) - len(missing)]:
        value = value_at(document, place)
        if (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int)):
            place.append(str(part))
    return [*place, *map(str, missing)]


def _words(detail: ErrorDetails, place: Place, document: Mapping[str, Any], root: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(place, value_at(document, place), keys_of(table_at(root, place[:-1], document)))
    if kind == "missing":
        return f"is missing: write {_wanted(place, document, root)}"
    if kind in WANTED:
        return _of_another_type(place, document, root, WANTED[kind])
    if kind in WORDS:
        return WORDS[kind].format(**context)
    if kind in ("value_error", "assertion_error"):
        return detail["msg"].partition(", ")[2]
    return "is not what may stand here: `drillbook explain NAME` says it of each table and each kind of service"


def _unknown(place: Place, value: Any, keys: list[str]) -> str:
    if place[0] in ("limits", "signals") and len(place) == 3 and isinstance(value, dict):
        return f'write the name in quotes: [{place[0]}."{place[1]}.{place[2]}"]'
    if place[0] in ("limits", "signals") and _is_condition(value):
        return f"unknown key: {SEVERITIES}"
    return f"unknown key{nearest(place[-1], keys)}"


def _of_another_type(place: Place, document: Mapping[str, Any], root: type[BaseModel], wanted: str) -> str:
    table = table_at(root, place, document)
    if table and table.__name__ == "Reference":
        return BY_REFERENCE
    more = f" (keys: {', '.join(keys_of(table))})" if table else _as_in(place, field_at(root, place, document))
    return f"is {IS.get(type(value_at(document, place)), 'of another type')}: write {wanted}{more}"


def _as_in(place: Place, field: FieldInfo | None) -> str:
    """An example of what may stand there, or what form it has."""
    if field and place[-1] in EXAMPLES:
        return f", as in {place[-1]} = {EXAMPLES[place[-1]]}"
    return f": {words}" if (words := form_of(field)) else ""


def _wanted(place: Place, document: Mapping[str, Any], root: type[BaseModel]) -> str:
    """What is to be written where a key is missing."""
    key, table, field = place[-1], table_at(root, place, document), field_at(root, place, document)
    if table and table.__name__ == "Reference":
        return f'{key} = {{ env = "NAME_OF_THE_VARIABLE" }}'
    if table:
        return f"a table {key} (keys: {', '.join(keys_of(table))})"
    if table_at(root, [*place, "NAME"], document):
        return f"a table [{'.'.join(place)}.NAME]"
    if choices := choices_of(field):
        return f"{key} = {' or '.join(choices)}"
    return f"{key} = {EXAMPLES.get(key) or form_of(field) or '…'}"


def _is_condition(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(Rung.parse(Severity.LOW, value))
    except ValueError:
        return False
