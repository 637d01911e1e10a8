"""The wheel, built once, and repositories that are made from it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def wheel(tmp_path_factory, pytestconfig):
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), "."]
    subprocess.run(pip, cwd=pytestconfig.rootpath, check=True)
    [found] = folder.glob("*.whl")
    return found
