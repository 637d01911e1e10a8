"""Which runs are kept: the newest, and of those before them what was not green, or has not come to its end."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from drillbook.judging.journal import JOURNAL

if TYPE_CHECKING:
    from pathlib import Path

_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}", re.ASCII)
_LAST_LINE = 1 << 16  # bytes


def prune(reports: Path, keep: int) -> None:
    """Removes all runs below `reports` that need not be kept, `keep` being how many newest are; 0 removes none."""
    with suppress(OSError):
        runs = sorted((one for one in reports.iterdir() if _is_run(one)), key=_age, reverse=True)
        for folder in runs[keep:] if keep else ():
            if _was_green(folder / JOURNAL):
                shutil.rmtree(folder, ignore_errors=True)


def _age(run: Path) -> tuple[str, float]:
    """By when it began, which its name says to the second; of those that began in one, by which was written to last."""
    return run.name.partition("-")[0], run.stat().st_mtime


def _is_run(path: Path) -> bool:
    return bool(_RUN.fullmatch(path.name)) and path.is_dir() and not path.is_symlink()


def _was_green(journal: Path) -> bool:
    """Whether the run is over and its last word is exit code 0; one that nobody can tell of was not."""
    try:
        with journal.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # whoever writes it holds it
            file.seek(max(0, journal.stat().st_size - _LAST_LINE))
            end = json.loads(file.read().splitlines()[-1])
            return (end["kind"], end["exit"]) == ("end", 0)
    except (OSError, ValueError, LookupError, TypeError):
        return False
