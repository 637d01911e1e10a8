"""The pages of the reference, and the schema beside them, as they are written to `docs/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from drillbook.reference import examples, messages
from drillbook.reference.entries import of_limit
from drillbook.reference.limits import entries
from drillbook.reference.schema import schema
from drillbook.reference.system_page import fenced, sections
from drillbook.system.library import Library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.reference.limits import Entry

INTROS = Path(__file__).with_name("intros")
DOCS = "docs"


def pages(root: Path) -> dict[str, str]:
    """Each page by its name in `docs/`; `root` is the checkout, whose house defaults are listed."""
    limits = entries(Library(root, {}).house())
    return {
        "system-file.md": "\n".join([_intro("system-file.md"), *sections(limits)]),
        "limits.md": "\n".join([_intro("limits.md"), *_limits(limits)]),
        "messages.md": "\n".join([_intro("messages.md"), *messages.page()]),
        "system-file.schema.json": json.dumps(schema(), indent=1, ensure_ascii=False) + "\n",
    }


def write(root: Path) -> None:
    """Writes them all below `root`."""
    (root / DOCS).mkdir(exist_ok=True)
    for name, text in pages(root).items():
        (root / DOCS / name).write_text(text, encoding="utf-8")


def _intro(name: str) -> str:
    text = (INTROS / name).read_text(encoding="utf-8")
    return text.replace("{first}", fenced(examples.FIRST.read_text(encoding="utf-8"))).rstrip() + "\n"


def _limits(limits: list[Entry]) -> Iterator[str]:
    kind = ""
    for one in limits:
        if one.kind and one.kind.name != kind:
            kind = one.kind.name
            yield f'<a id="{kind}"></a>\n## `{kind}`: {one.kind.about[0].lower()}{one.kind.about[1:].rstrip(".")}\n'
        yield f'<a id="{one.name}"></a>\n### `{one.name}`\n'
        yield from of_limit(one)


if __name__ == "__main__":
    write(Path.cwd())
