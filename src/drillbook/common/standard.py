"""Where the standard content is: in the installed package, or in the checkout that Drillbook is run from."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def standard() -> Path:
    """The folder that has `checks/`, `conftest.py` and `systems/house.toml` as Drillbook brings them."""
    packed = _PACKAGE / "standard"
    return packed if packed.is_dir() else _PACKAGE.parents[1]
