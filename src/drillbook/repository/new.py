"""`drillbook new`: makes a repository of one's own, and `--diff` says what would be written otherwise today."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from drillbook.common.inert import for_terminal
from drillbook.common.mistakes import Mistakes
from drillbook.repository.content import content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drillbook.common.progress import Say

MAY_BE_THERE = {".git"}
THEIRS = {"README.md", "conftest.py"}  # which say so
NEXT = (
    "drillbook init NAME --url URL          looks at what answers, and writes systems/NAME/system.toml",
    "pytest checks --target NAME@local      asks it",
)


def make(folder: Path, say: Say) -> None:
    """Makes a repository in `folder`, and says what comes next; Mistakes where something is there already."""
    shown, files = for_terminal(str(folder)), content()
    try:
        there = sorted({path.name for path in folder.iterdir()} - MAY_BE_THERE) if folder.exists() else []
        if there:
            raise Mistakes([f"{shown} is not empty: name a new folder, or see `drillbook new --diff {shown}`"])
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise Mistakes([f"{shown}: {error.strerror}: name a folder that you may write to"]) from None
    say(f"{shown}: {len(files)} files. Next, there:")
    for step in NEXT:
        say(f"  {step}")


def differences(folder: Path) -> list[str]:
    """The lines of a patch from the repository in `folder` to what would be written today; none where it is that.

    Files of the user's own, and those that are the user's from the first day on, are not in it.
    """
    if not (folder / "checks").is_dir():
        shown = for_terminal(str(folder))
        raise Mistakes([f"{shown} has no checks/: name a repository, or make one: `drillbook new {shown}`"])
    return [line for path, text in content().items() if path not in THEIRS for line in _patch(folder, path, text)]


def _patch(folder: Path, path: str, text: str) -> Iterator[str]:
    there = (folder / path).is_file()
    own = (folder / path).read_text(encoding="utf-8", errors="replace") if there else ""
    before = f"a/{path}" if there else "/dev/null"
    for line in unified_diff(own.splitlines(keepends=True), text.splitlines(keepends=True), before, f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
