"""What the reference says of one key, one table or one limit: Markdown for its pages, plain text for a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drillbook.reference.values import anchor_of

if TYPE_CHECKING:
    from drillbook.reference.limits import Entry
    from drillbook.reference.tables import Key, Table
    from drillbook.system.kinds import Kind
    from drillbook.system.strict import Form

LIMITS_PAGE = "limits.md"
LONGEST = 110  # of an example on a line: what is longer is a table that the whole example shows
_ANCHOR = re.compile(r'<a id="[^"]*"></a>')
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]*(?:#[^)\s]*|\.md)\)")


def of_key(key: Key) -> str:
    """A key in one line: what may stand there, what holds without it, what it means, its limits, an example."""
    needed = "must be there" if key.default is None else f"`{key.default}` if left out" if key.default else ""
    values = f"[{key.values}](#{key.table})" if key.table else key.values
    about = f" ({'; '.join(filter(None, (values, needed)))})"
    example = f" Example: `` {key.example} ``" if "`" in key.example else f" Example: `{key.example}`"
    example = example if key.example and len(key.example) <= LONGEST else ""
    judged = f" Judged by {', '.join(map(_limit, key.limits))}." if key.limits else ""
    anchor = "" if key.table else f'<a id="{key.place}"></a>'  # a table has its own
    return f"{anchor}**`{key.name}`**{about}: {key.text}{judged}{example}"


def of_table(table: Table) -> list[str]:
    """A table: what is said of it, and a line for each key of its own."""
    keys = [key for key in table.keys if not key.inherited or not table.kind]
    keys = [key for key in keys if not (key.inherited and table.place.startswith("signals"))]
    return [table.text, "", *(f"- {of_key(key)}" for key in keys), *([""] if keys else [])]


def of_kind(kind: Kind, limits: list[Entry]) -> str:
    """What else a service of that kind can say, and which of the limits are judged on it."""
    names = ", ".join(_limit(one.name) for one in limits if one.kind == kind)
    return f"Beside these, it may have the keys of [every service](#services). Judged on it: {names}."


def of_limit(limit: Entry) -> list[str]:
    """A limit: how it is measured, its ladder, what it is judged on, what it cannot see."""
    unit = f'; `unit = "{limit.unit}"`' if limit.unit else ""
    facts = [f"House default: {limit.ladder}{unit}.", limit.on]
    blind = f"- Cannot see: {limit.cannot_see}" if limit.cannot_see else ""
    return [limit.measured, "", *(f"- {one}" for one in facts if one), *([blind] if blind else []), ""]


def of_form(form: Form) -> str:
    """How texts of a form are written."""
    words = form.words.removeprefix(form.called)
    return f'- <a id="{anchor_of(form)}"></a>**{form.called}**{"" if words != form.words else ":"} {words.strip()}'


def plain(markdown: str) -> str:
    """Markdown without what only a page needs: anchors and links."""
    return _LINK.sub(r"\1", _ANCHOR.sub("", markdown)).replace("**", "")


def _limit(name: str) -> str:
    return f"[`{name}`]({LIMITS_PAGE}#{name})"
