"""What a new repository holds: the standard checks, and the files that are there but once, made from templates."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from drillbook.common.standard import standard
from drillbook.reference.examples import FIRST

STANDARD = ("conftest.py", "checks/*.py")
_TEMPLATE = Path(__file__).with_name("template")
# What tools of ours would read as if it were for them is called otherwise here.
_CALLED = {"gitignore": ".gitignore", "project.toml": "pyproject.toml", "workflow.yml": ".github/workflows/checks.yml"}


def content() -> dict[str, str]:
    """The text of each file, by its path."""
    return dict(sorted({**_templates(), **_standard()}.items()))


def _standard() -> dict[str, str]:
    root = standard()
    return {
        str(path.relative_to(root)): path.read_text(encoding="utf-8") for some in STANDARD for path in root.glob(some)
    }


def _templates() -> dict[str, str]:
    files = {str(path.relative_to(_TEMPLATE)): path for path in _TEMPLATE.rglob("*") if path.is_file()}
    return {_CALLED.get(name, name): _filled(path.read_text(encoding="utf-8")) for name, path in files.items()}


def _filled(text: str) -> str:
    return text.replace("{version}", version("drillbook")).replace("{first}", FIRST.read_text(encoding="utf-8"))
