"""What a target says is data: made inert before it reaches a terminal, a log or a report."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 4096
# Printable by their class, and yet blank: fillers, joiners and variation selectors, in which words can be hidden.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_SPACE = "Zs"
# GitHub obeys lines that start with `::`; `##[`, `##vso[` and `##teamcity[` are obeyed anywhere in a line.
_COMMAND = re.compile(r"^\s*::|##(?=\w*\[)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@:$-]|^\d+(?=\.))")
# Renderers look for these in the finished text, where a backslash no longer keeps them from becoming a link.
_LINKED = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<!\w@)(?<=@)(?=\w)|(?<=@)(?=[\w-]+\.\w)", re.IGNORECASE)


def inert(text: str) -> str:
    """`text` on one line, with what cannot be seen written as `\\x1b` or `\\u202e`, cut at 4 KiB."""
    plain = text.isascii() and text.isprintable()
    shown = text if plain else "".join(_visible(character) for character in text[: LONGEST + 1])
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def for_terminal(text: str) -> str:
    """`text` fit for a terminal and for a CI log: nothing in it is a command to whatever runs the build."""
    return _COMMAND.sub(lambda found: " ".join(found[0].strip()), inert(text))


def for_markdown(text: str) -> str:
    """`text` fit for a cell of a Markdown table: nothing in it formats, links or mentions."""
    unlinked = _LINKED.sub(" ", inert(text).strip())
    return _MARKDOWN.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", unlinked)


def _visible(character: str) -> str:
    if character.isprintable() and not _BLANK.match(character):
        return character
    if unicodedata.category(character) == _SPACE:
        return " "
    return character.encode("unicode_escape", "surrogatepass").decode()
