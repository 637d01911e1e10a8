"""Writes FILES.md: what every file of the engine is for, in reading order, in the words of its own first line."""

from __future__ import annotations

import ast
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
ENGINE = CHECKOUT / "src" / "drillbook"
ORDER = {
    "The way of a value": [
        "severity", "system", "limit", "limits", "library", "addresses", "target", "observation", "probes", "verdict",
        "gate", "journal", "report",
    ],
    "How pytest runs it": ["plugin", "cli", "__main__", "__init__"],
    "A system's own copy": ["stack", "doctor"],
    "Drills": ["drill", "rehearsal", "rounds_seen", "clients", "watch", "faults", "fixes", "ledger", "supervisor"],
    "Load": ["profile", "arrivals", "generator", "load"],
    "What all of them use": ["mistakes", "redact", "inert", "polling", "progress"],
}  # fmt: skip
TOP = """\
# What every file is for

In reading order. Content first: `systems/` is what runbooks say, `checks/` the questions to a live environment,
`chaos/` the drills, `load/` the load profiles, `tests/` the tests of Drillbook itself. Then the engine, in
`src/drillbook/`; each sentence is the file's own first line (`make files` writes this page).
"""


def page() -> str:
    """The page as it should be."""
    lines = [TOP]
    for title, names in ORDER.items():
        lines += [f"## {title}\n", "| file | what it is for |", "|---|---|"]
        lines += [f"| `{path.relative_to(ENGINE)}` | {first_line(path)} |" for name in names for path in files(name)]
        lines.append("")
    return "\n".join(lines)


def files(name: str) -> list[Path]:
    """The files of one part of the engine: a module, or a package with what says what it is in front."""
    module = ENGINE / f"{name}.py"
    return (
        [module]
        if module.exists()
        else sorted((ENGINE / name).rglob("*.py"), key=lambda path: (str(path.parent), path.name))
    )


def first_line(path: Path) -> str:
    """The first paragraph of the file's docstring, on one line."""
    text = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0]
    return " ".join(text.split()).replace("|", r"\|")


if __name__ == "__main__":
    (CHECKOUT / "FILES.md").write_text(page())
