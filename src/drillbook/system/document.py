"""A TOML file as it is read: its text and what that says, or why it is no TOML, with the line and what to do."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from drillbook.common.inert import inert
from drillbook.common.mistakes import Mistakes
from drillbook.system.lines import places_in

if TYPE_CHECKING:
    from pathlib import Path

_IN_QUOTES = 'a name with dots, blanks or other signs in it stands in quotes: [limits."api.p95"]'
_ON_ONE_LINE = "{ … } stands on one line, with commas between its keys and none behind the last"
_TEXT = "text stands in straight quotes"
_CLOSED = "a text is not closed: it ends in the quotes that it begins with"
# What tomllib finds, by how its sentence begins, and what to do about it.
_WORDS = {
    "Invalid statement": f"write KEY = VALUE or [TABLE]; {_IN_QUOTES}",
    "Expected '='": f"write KEY = VALUE; {_IN_QUOTES}",
    'Expected "': _CLOSED,
    "Expected ']": f"a table is opened by [NAME]; {_IN_QUOTES}",
    "Invalid initial character": f"a key is wanted: {_ON_ONE_LINE}; {_IN_QUOTES}",
    "Invalid value": f'this is no value: {_TEXT} ("shop"), a list ends in ], yes and no are true and false',
    "Expected newline": f'something stands behind the value: {_TEXT} ("5m"), and each key on a line of its own',
    "Unclosed array": 'a list is not closed, or a comma is missing in it: ["api", "cache"]',
    "Unclosed inline": _ON_ONE_LINE,
    "Unterminated": _CLOSED,
    "Illegal character": _CLOSED,
    "Unescaped": r"a \ in double quotes has to be doubled; in single quotes it stands for itself",
}
_UNQUOTED = ("Expected ']", "Invalid initial")
_TWICE = ("Cannot declare", "Cannot overwrite", "Cannot mutate", "Cannot redefine", "Duplicate")


def read(path: Path, name: str) -> tuple[str, dict[str, Any]]:
    """The text of the TOML file at `path`, and what it says; Mistakes where it is none, as that of the file `name`."""
    text = text_of(path, name)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, words = _why(text, str(error))
        raise Mistakes([f"{name}:{line}: is not TOML: {inert(words)}"]) from None
    except RecursionError:
        raise Mistakes([f"{name}:1: is nested too deeply to be read"]) from None


def text_of(path: Path, name: str) -> str:
    """The text of the file, without the mark that some editors write in front of it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Mistakes([f"{name}: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Mistakes([f"{name}:{line}: is not TOML: it holds bytes that are no UTF-8: save it as UTF-8"]) from None


def _why(text: str, error: str) -> tuple[int, str]:
    """Where what is no TOML begins, and what to do about it."""
    seen, lines = _seen(text, error), text.split("\n")
    line = next(n for n in range(seen, 0, -1) if _is_toml("\n".join(lines[: n - 1])))
    words = _twice(text, line) if error.startswith(_TWICE) else _in_words(error, lines[line - 1])
    return line, f"{words} (seen in line {seen})" if line < seen <= text.rstrip().count("\n") else words


def _seen(text: str, error: str) -> int:
    """The line in which tomllib stopped; the last one where that is the end."""
    found = re.search(r"at line (\d+)", error)
    return int(found[1]) if found else text.rstrip().count("\n") + 1


def _is_toml(text: str) -> bool:
    try:
        return tomllib.loads(text) is not None
    except tomllib.TOMLDecodeError:
        return False


def _in_words(error: str, line: str) -> str:
    name = re.match(r"\s*\[(limits|signals)\.([^\"'\]]+)\]", line)
    if name and error.startswith(_UNQUOTED):
        return f'write the name in quotes: [{name[1]}."{name[2]}"]'
    return next((words for begins, words in _WORDS.items() if error.startswith(begins)), error)


def _twice(text: str, line: int) -> str:
    """What is said in `line` and was said before."""
    before: dict[tuple[str, ...], int] = {}
    again: tuple[str, ...] = ()
    for place, at in places_in(text):
        if at == line and before.get(place, line) < line:
            again = max(again, place, key=len)
        before.setdefault(place, at)
    if not again:
        return "a key stands twice in this line: leave one out"
    return f"{'.'.join(again)} stands in line {before[again]} already: put all of it there"
