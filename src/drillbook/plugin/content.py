"""Content: the folders that hold it, and what of it a command line asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

CHECKS, CHAOS, LOAD = "checks", "chaos", "load"
KEEP = "drillbook_keep"  # the setting: how many runs are kept


def asks_for(config: pytest.Config, name: str) -> bool:
    """Whether the command line selects anything in the content folder of that name."""
    return points_at(config, name) and any((config.rootpath / name).rglob("*.py"))


def points_at(config: pytest.Config, name: str) -> bool:
    """Whether the command line names the content folder of that name, or something above it or in it."""
    folder = config.rootpath / name
    paths = [(config.invocation_params.dir / arg.split("::")[0]).resolve() for arg in config.args]
    return any(path.is_relative_to(folder) or (folder.is_relative_to(path) and folder.is_dir()) for path in paths)


def only_looks(config: pytest.Config) -> bool:
    """Whether the command line asks pytest what there is, and runs nothing of it: nobody is asked, nothing written."""
    option = config.option
    return bool(option.collectonly or option.showfixtures or option.show_fixtures_per_test)


def only_tells(config: pytest.Config) -> bool:
    """Whether the command line asks pytest for words of its own, for which it collects nothing."""
    return bool(config.option.help or config.option.version or config.option.markers)


def is_check(item: pytest.Item) -> bool:
    """Whether `item` is a check."""
    return Path(item.path).is_relative_to(item.config.rootpath / CHECKS)


def is_content(item: pytest.Item) -> bool:
    """Whether `item` is a check, a drill or a profile, as opposed to a test of something else in the same run."""
    return any(Path(item.path).is_relative_to(item.config.rootpath / name) for name in (CHECKS, CHAOS, LOAD))
