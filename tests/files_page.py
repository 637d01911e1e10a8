"""Writes FILES.md: the rooms of the engine and their files, each in the words of its own first line."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
ENGINE = CHECKOUT / "src" / "drillbook"
ROOMS = (
    "judging", "system", "probes", "report", "reference", "init", "repository", "history", "plugin", "stack",
    "supervisor", "doctor", "faults", "fixes", "drills", "load", "common",
)  # fmt: skip
TOP = """\
# What every file is for

Content first: `systems/` is what runbooks say, `checks/` the questions to a live environment, `chaos/` the drills,
`load/` the load profiles, `tests/` the tests of Drillbook itself. Then the engine, in `src/drillbook/`, one chapter a
folder, in reading order: each file comes after those beside it that it is built on. A sentence is the file's own first
line; a folder within a folder has one line, and its files say of themselves what they are for (`make files` writes
this page).
"""


def page() -> str:
    """The page as it should be."""
    rooms = [room for room in ROOMS if (ENGINE / room).is_dir()]
    return "\n".join(
        [TOP, *_rows("On top: what content imports, and the command", ENGINE, set(ROOMS)), *_chapters(rooms)]
    )


def _chapters(rooms: list[str]) -> list[str]:
    return [line for room in rooms for line in _rows(f"`{room}/`", ENGINE / room, set())]


def _rows(title: str, folder: Path, elsewhere: set[str]) -> list[str]:
    """A chapter: what its folder is for, and a row for each file and each folder in it."""
    files = in_reading_order(path for path in folder.glob("*.py") if path.name != "__init__.py")
    inner = sorted(path.parent for path in folder.glob("*/__init__.py") if path.parent.name not in elsewhere)
    rows = [f"| `{path.name}` | {first_line(path)} |" for path in files]
    rows += [f"| `{path.name}/` | {first_line(path / '__init__.py')} |" for path in inner]
    table = ["| file | what it is for |", "|---|---|", *rows, ""] if rows else []
    return [f"## {title}\n", f"{first_line(folder / '__init__.py')}\n", *table]


def in_reading_order(paths: object) -> list[Path]:
    """These files of one folder, each after those of them that it imports."""
    named = {path.stem: path for path in sorted(paths)}
    sorter = TopologicalSorter({name: sorted(_imported(path) & {*named}) for name, path in named.items()})
    return [named[name] for name in sorter.static_order()]


def _imported(path: Path) -> set[str]:
    """The last parts of all that is imported from the file's own folder."""
    own = ".".join(path.parent.relative_to(ENGINE.parent).parts)
    froms = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom) and node.module]
    modules = {node.module.removeprefix(f"{own}.") for node in froms if node.module.startswith(f"{own}.")}
    return modules | {alias.name for node in froms if node.module == own for alias in node.names}


def first_line(path: Path) -> str:
    """The first paragraph of the file's docstring, on one line."""
    text = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0]
    return " ".join(text.split()).replace("|", r"\|")


if __name__ == "__main__":
    (CHECKOUT / "FILES.md").write_text(page())
