"""What models say of their keys: the text below each, which costs a run nothing, since it is read from the source."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING

from drillbook.system.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def texts_of(model: type[Strict]) -> Mapping[str, str]:
    """What is said of each key of a table, by the field's name; its own words go before those that it inherits."""
    lineage = [one for one in reversed(model.__mro__) if issubclass(one, Strict) and one is not Strict]
    return {name: text for one in lineage for name, text in _own(one).items()}


def about(thing: object) -> str:
    """The docstring of a table, a question or a module, a paragraph a line."""
    paragraphs = (inspect.getdoc(thing) or "").split("\n\n")
    return "\n\n".join(map(_on_one_line, paragraphs))


def _own(model: type[Strict]) -> dict[str, str]:
    [definition] = ast.parse(dedent(inspect.getsource(model))).body
    found = {}
    for key, text in pairwise(getattr(definition, "body", [])):
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name) and _is_text(text):
            found[key.target.id] = _on_one_line(text.value.value)
    return found


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
