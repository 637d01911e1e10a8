"""The terminal of a run: lines that are seen at once, whoever writes them and whenever."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Terminal:
    """pytest's own terminal, where it has one."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._writing = threading.Lock()  # progress and xdist workers speak from threads of their own

    def write_line(self, text: str, **markup: bool) -> None:
        """Writes a line at once: pytest would keep what is written while a test runs."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        with self._writing, capture.global_and_fixture_disabled() if capture else nullcontext():
            if reporter:
                if reporter._tw.width_of_current_line:  # pytest's own ensure_newline does not know of its dots
                    reporter.write_line("")
                reporter.write_line(text, **markup)
