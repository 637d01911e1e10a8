"""The report page: a run on one page of HTML, made from its journal alone."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from drillbook.judging.journal import JOURNAL

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "index.html"


def write_page(folder: Path) -> Path:
    """Writes the page of the run in `folder` and gives its path; it replaces what is there, and is its owner's alone.

    OSError where the journal cannot be read or the page cannot be written; nothing that a journal holds raises.
    """
    from drillbook.report.page.render import render
    from drillbook.report.page.story import story_of
    from drillbook.report.page.view import view_of

    text = render(view_of(story_of(folder / JOURNAL), folder.resolve().name))
    return _write(folder / PAGE, text)


def ready() -> None:
    """Loads all that writing a page takes, so that it need not be loaded then."""
    from drillbook.report.page import render, story, view  # noqa: F401

    render.ready()


def _write(path: Path, text: str) -> Path:
    """Puts the whole text there at once; a link is replaced, never followed."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    return path
