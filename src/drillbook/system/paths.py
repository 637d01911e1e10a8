"""JSON paths (RFC 9535), and conditions on what they find, as a system file writes them: `$.status in ['ok', 'up']`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery

Plain = str | float | bool | None

_BARE = re.compile(r"\.?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")  # a path that only lacks its $
_COMPARISON = re.compile(r"\s*(==|!=|<=|>=|<|>|in\b)\s*(.*?)\s*", re.DOTALL)
_QUOTED = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
_TEXTS = re.compile(_QUOTED)
_PIECE = re.compile(rf"{_QUOTED}|.", re.DOTALL)
_VALUE = re.compile(rf"{_QUOTED}|true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LIST = re.compile(rf"\[\s*(?:{_VALUE.pattern})(?:\s*,\s*(?:{_VALUE.pattern}))*\s*\]")
_A_PATH = (
    'a path is written like "$.items", "$.checks[0].status", "$[\'Cache backend: default\']" (a name with blanks, '
    "dots or dashes in it) or \"$.checks[?@.name == 'redis'].status\" (RFC 9535)"
)
_A_CONDITION = (
    "a condition is a path and what must be there, like \"$.db == true\", \"$.status in ['ok', 'degraded']\", "
    "\"$.queue.waiting < 100\" or \"$.checks[?@.name == 'redis'].status == 'UP'\""
)


@dataclass(frozen=True)
class Condition:
    """What must be found at `path`: one of `wanted`, by the comparison; without one, true."""

    path: str
    comparison: str = ""
    wanted: tuple[Plain, ...] = ()


@cache
def query(path: str) -> JSONPathQuery:
    """The path, ready to find something; ValueError says in words what a path looks like."""
    import jsonpath_rfc9535 as rfc9535  # here: it costs as much as a check does, and not every file has a path

    try:
        return rfc9535.compile(path)
    except rfc9535.JSONPathError as error:
        if bare := _BARE.fullmatch(path):
            raise ValueError(f"{path!r} is no JSON path: write '$.{bare[1]}'") from None
        why = str(error).replace("line 1, column", "at character")
        raise ValueError(f"{path!r} is no JSON path ({why}): {_A_PATH}") from None


@cache
def condition(text: str) -> Condition:
    """The condition that `text` is; ValueError says in words what one looks like."""
    path = "".join(segments(text))
    query(path)
    if path == text:
        return Condition(path)
    compared = _COMPARISON.fullmatch(text[len(path) :])
    if not compared:
        raise ValueError(f"{text!r} is no condition (behind {path} goes ==, !=, <, <=, >, >= or in): {_A_CONDITION}")
    return Condition(path, compared[1], _wanted(text, *compared.groups()))


def is_path(text: str) -> str:
    """`text`, if it is a path and nothing more; else ValueError."""
    path = "".join(segments(text))
    if path != text and _COMPARISON.fullmatch(text[len(path) :]):
        raise ValueError(
            f"{text!r} is a condition, where a path is wanted: write {path!r} (a condition goes into `up`)"
        )
    query(text)
    return text


def is_condition(text: str) -> str:
    """`text`, if it is a condition; else ValueError."""
    condition(text)
    return text


def leads_to_one(path: str) -> bool:
    """Whether the path leads to one thing at most: nothing in it stands for many (`*`, `?`, `..`, `1:3`, `0,1`)."""
    return not any(step.startswith("..") or set("*?:,") & set(_TEXTS.sub("", step)) for step in segments(path))


def segments(text: str) -> list[str]:
    """The path that `text` begins with, segment by segment: `$`, `.checks`, `[?@.name == 'redis']`, `.status`."""
    found, depth = [""], 0
    for piece in _PIECE.findall(text):
        if not depth and (piece.isspace() or piece[0] in "=!<>'\""):
            break
        if not depth and piece in (".", "[") and found[-1].strip("."):
            found.append("")
        depth += (piece == "[") - (piece == "]")
        found[-1] += piece
    return found


def _wanted(text: str, comparison: str, value: str) -> tuple[Plain, ...]:
    form, example = (_LIST, "a list: ['ok', 'up']") if comparison == "in" else (_VALUE, "a text in quotes or a number")
    if not form.fullmatch(value):
        raise ValueError(f"{text!r} is no condition (behind {comparison} goes {example}): {_A_CONDITION}")
    wanted = tuple(_read(one) for one in _VALUE.findall(value))
    if comparison in ("<", "<=", ">", ">=") and (isinstance(wanted[0], bool | str) or wanted[0] is None):
        raise ValueError(f"{text!r} is no condition (only a number can be compared by {comparison}): {_A_CONDITION}")
    return wanted


def _read(literal: str) -> Plain:
    if literal[0] == "'":
        inner = literal[1:-1].replace("\\'", "'").replace('"', '\\"')
        literal = f'"{inner}"'
    value: Plain = json.loads(literal, strict=False)
    return value
