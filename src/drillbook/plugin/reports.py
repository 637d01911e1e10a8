"""What a run writes for people and for machines beside its journal: a summary, pytest's `junit.xml`, and the page."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from drillbook.common.redact import scrub
from drillbook.plugin.inquiry import ASKS
from drillbook.report.junit import finish

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

SUMMARY, JUNIT = "summary.md", "junit.xml"


class Reports:
    """The reports on `targets` in a run's `folder`.

    pytest is told to write `junit.xml` there, from where the user's own is copied.

    Each writer answers with why it could not write, or nothing.
    """

    def __init__(self, config: pytest.Config, folder: Path, targets: Sequence[str]) -> None:
        self._folder, self._targets = folder, targets
        self._users_junit = config.option.xmlpath
        config.option.xmlpath = str(folder / JUNIT)

    def write(self, summary: str) -> str:
        """Writes the summary, and masks what is secret in pytest's report."""
        try:
            path = self._folder / SUMMARY
            path.touch(mode=0o600)
            path.write_text(scrub(summary), encoding="utf-8")
            self._finish_junit(self._folder / JUNIT)
        except OSError as error:
            return f"the report could not be written: {error.strerror}"
        return ""

    def write_page(self) -> str:
        """Writes the page from what the journal says so far."""
        from drillbook.report.page import write_page

        try:
            write_page(self._folder)
        except Exception as error:  # whatever is wrong with the page, the verdicts stand
            return f"the page could not be written: {getattr(error, 'strerror', None) or repr(error)}"
        return ""

    def _finish_junit(self, junit: Path) -> None:
        if not junit.exists():
            return
        junit.chmod(0o600)
        finish(junit, self._targets, ASKS)
        if self._users_junit:
            shutil.copyfile(junit, self._users_junit)
