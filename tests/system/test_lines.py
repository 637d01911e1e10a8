"""The line of each place of a TOML text, held against texts whose writer noted where it wrote what."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillbook.common.mistakes import Refused
from drillbook.doctor.missing import Missing
from drillbook.system.library import Library
from drillbook.system.lines import lines_in, places_in, told

NAMES = st.text(alphabet="aZ0-_ .\"'#[]{}=,\\\n\té", max_size=4)
TEXTS = st.text(alphabet="ab \"'#[]{}=,.\\\n\té", max_size=12)
PLAIN = st.one_of(TEXTS, st.integers(-9, 9), st.floats(allow_nan=False), st.booleans())
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
BETWEEN = st.sampled_from(["", " ", "\n", " # a = [1\n", "\n\n\t"])  # where a list goes on
BEFORE = st.sampled_from(["", "\n", "# [a.b] 'x\n", "  "])  # a line
BEHIND = st.sampled_from(["\n", " # ]\n", "\t\n"])


class Writer:
    """Writes a document in whatever form is drawn, and notes the line of each place."""

    def __init__(self, draw: Any) -> None:
        self.draw, self.text, self.lines = draw, "", dict[tuple[str, ...], int]()

    def note(self, place: tuple[str, ...]) -> None:
        self.lines.setdefault(place, self.text.count("\n") + 1)

    def table(self, place: tuple[str, ...], header: tuple[str, ...], table: dict[str, Any]) -> None:
        """The pairs of a table, then the tables in it that have a header of their own."""
        how = {key: self.draw(st.sampled_from(forms(value))) for key, value in table.items()}
        for key, value in table.items():
            if how[key] in ("pair", "dotted"):
                self.text += self.draw(BEFORE)
                self.pair((*place, key), [key], value, dotted=how[key] == "dotted")
        for key, value in table.items():
            if how[key] == "table":
                self.headed((*place, key), [*header, (*place, key)], value)
            if how[key] == "tables":
                for index, one in enumerate(value):
                    self.headed((*place, key, str(index)), [*header, (*place, key)], one, brackets=2)

    def headed(self, place: tuple[str, ...], header: Any, table: dict[str, Any], *, brackets: int = 1) -> None:
        self.text += self.draw(BEFORE) + "[" * brackets
        for part in header:
            self.note(part)
            self.text += self.key(part[-1]) + ("" if part is header[-1] else self.draw(st.sampled_from([".", " . "])))
        self.note(place)
        self.text += "]" * brackets + self.draw(BEHIND)
        self.table(place, header, table)

    def pair(self, place: tuple[str, ...], written: list[str], value: Any, *, dotted: bool) -> None:
        """`a.b = 1`; of a dotted table, one line for each thing in it."""
        if dotted:
            for key, one in value.items():
                deeper = "dotted" in forms(one) and self.draw(st.booleans())
                self.pair((*place, key), [*written, key], one, dotted=deeper)
            return
        self.keys(place, written)
        self.value(place, value)
        self.text += self.draw(BEHIND)

    def keys(self, place: tuple[str, ...], written: list[str]) -> None:
        for depth in range(len(written) - 1, -1, -1):
            self.note(place[: len(place) - depth])
        self.text += ".".join(map(self.key, written)) + " = "

    def key(self, key: str) -> str:
        quoted = [json.dumps(key)] + ([f"'{key}'"] if not set("'\n") & set(key) else [])
        return self.draw(st.sampled_from([key] if re.fullmatch(r"[A-Za-z0-9_-]+", key) else quoted))

    def value(self, place: tuple[str, ...], value: Any) -> None:
        if isinstance(value, dict):
            self.text += "{ "
            for index, (key, one) in enumerate(value.items()):
                self.text += ", " if index else ""
                self.keys((*place, key), [key])
                self.value((*place, key), one)
            self.text += " }"
        elif isinstance(value, list):
            self.text += "["
            for index, one in enumerate(value):
                self.text += ("," if index else "") + self.draw(BETWEEN)
                self.note((*place, str(index)))
                self.value((*place, str(index)), one)
                self.text += self.draw(BETWEEN)
            self.text += (self.draw(st.sampled_from(["", ","])) if value else "") + self.draw(BETWEEN) + "]"
        else:
            self.text += self.draw(st.sampled_from(plain(value)))


def forms(value: Any) -> list[str]:
    """How a value can be written in a table."""
    if isinstance(value, dict):
        return ["pair", "table", *(["dotted"] if value else [])]
    tables = isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    return ["pair", "tables"] if tables else ["pair"]


def plain(value: Any) -> list[str]:
    """How a value without parts can be written."""
    if not isinstance(value, str):
        return [str(value).lower() if isinstance(value, bool) else repr(value)]
    found = [json.dumps(value)]
    if "\\" not in value and '"""' not in value:
        found.append(f'"""\n{value}"""')
    if "'''" not in value:
        found.append(f"'''\n{value}'''")
    return found


@st.composite
def documents(draw: Any) -> tuple[dict[str, Any], str, dict[tuple[str, ...], int]]:
    """What a document says, the text of it, and the line of each place."""
    writer, document = Writer(draw), draw(st.dictionaries(NAMES, VALUES, max_size=4))
    writer.table((), (), document)
    return document, writer.text, writer.lines


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_each_place_has_the_line_where_it_was_written(made):
    document, text, lines = made
    assert tomllib.loads(text) == document
    found: dict[tuple[str, ...], int] = {}
    for place, line in places_in(text):
        found.setdefault(place, line)
    assert found == lines


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("more", [1, 2])
def test_a_long_text_may_end_in_quotes_of_its_own(quote, more):
    text = f"a = [{quote * 3}x{quote * (3 + more)}, {quote}y{quote},\n{quote}z{quote}]"
    assert len(tomllib.loads(text)["a"]) == 3
    assert lines_in(text) == {"a": 1, "a.0": 1, "a.1": 1, "a.2": 2}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab.\"'#[]{}=,\\\n ", max_size=40))
def test_what_is_no_toml_is_followed_to_its_end_too(text):
    assert all(1 <= line <= text.count("\n") + 1 for _, line in places_in(text))


SHOP = """
[services.web]
kind = "http"
health = { path = "/health", parts = {
  } }

[limits."redis.memory"]
high = "> 90"
[limits."redis.memory(cache)"]
high = "> 80"
"""


@pytest.mark.parametrize(
    ("mistake", "line"),
    [
        ("services.web.kind: is wrong", 3),
        ("services.web.health.path: is wrong", 4),
        ("services.web.health.up: is missing", 4),
        ("services.web.url: is missing", 2),
        ("services.web: is wrong", 2),
        ("services: is wrong", 2),
        ("limits.redis.memory.high: is wrong", 8),
        ("limits.redis.memory.unit: is missing", 7),
        ("limits.redis.memory(cache): is wrong", 9),
        ("limits.redis.memory(cache).high: is wrong", 10),
        ("limitsredis: is wrong", 1),
        ("stack: is missing", 1),
    ],
)
def test_a_mistake_is_told_with_the_line_of_its_place_or_of_the_table_that_it_is_missing_from(mistake, line):
    assert told("x.toml", SHOP, [mistake]) == [f"x.toml:{line}: {mistake}"]


def test_mistakes_are_told_from_top_to_bottom():
    said = told("x", SHOP, ["limits: b", "services.web.kind: a", "stack: none"])
    assert said == ["x:1: stack: none", "x:3: services.web.kind: a", "x:7: limits: b"]


def test_of_what_is_said_twice_the_first_line_counts():
    assert lines_in("[a]\nx = 1\n[b]\n[a]\nx = 2\n") == {"a": 1, "a.x": 2, "b": 3}


def test_what_a_copy_wants_is_told_as_it_was_said_and_its_mistakes_with_their_line(tmp_path):
    (tmp_path / "systems" / "shop").mkdir(parents=True)
    (tmp_path / "systems" / "shop" / "system.toml").write_text("[stack]\ncompose = 'c.yaml'\n")
    library = Library(tmp_path, {})
    with pytest.raises(Missing, match=r"^reference: not here: drillbook doctor --fix$"), library.telling("shop"):
        raise Missing("reference: not here: drillbook doctor --fix")
    with pytest.raises(Refused, match=r"^systems/shop/system\.toml:2: stack\.compose: "), library.telling("shop"):
        raise Refused(["stack.compose: it is not there"])
