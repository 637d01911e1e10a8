"""What a target says is data: made inert before it reaches a terminal, a log or a report."""

from __future__ import annotations

import re

LONGEST = 4096
# C0 and C1 controls, line and paragraph separators, zero-width and bidirectional marks, lone surrogates.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_WORKFLOW_COMMAND = re.compile(r"^\s*::|##\[")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@:-])")


def inert(text: str) -> str:
    """`text` on one line, with what cannot be seen written as `\\x1b` or `\\u202e`, cut at 4 KiB."""
    shown = _UNSEEN.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def for_terminal(text: str) -> str:
    """`text` fit for a terminal and for a CI log, whose runner obeys lines that start with `::` or hold `##[`."""
    return _WORKFLOW_COMMAND.sub(lambda found: " ".join(found[0].strip()), inert(text))


def for_markdown(text: str) -> str:
    """`text` fit for a cell of a Markdown table: nothing in it formats, links or mentions."""
    return _MARKDOWN.sub(r"\\\1", inert(text))
