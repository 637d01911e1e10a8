"""Which run a page is wanted of: a run's name, a path to its folder or to its journal, or the newest."""

from __future__ import annotations

from pathlib import Path

from drillbook.common.inert import for_terminal
from drillbook.common.mistakes import Mistakes
from drillbook.judging.journal import JOURNAL, LATEST
from drillbook.report.page import write_page

_SHOWN = 5


def page_of(run: str | None, reports: Path) -> Path:
    """Writes the page of a run below `reports`, or of the newest one, and gives its path; Mistakes say what to do."""
    try:
        return write_page(_newest(reports) if run is None else _named(run, reports))
    except OSError as error:
        where = for_terminal(str(error.filename or run or reports))
        raise Mistakes([f"cannot make the page: {where}: {error.strerror}: look at its permissions"]) from None


def _named(run: str, reports: Path) -> Path:
    path = Path(run)
    folders = [path.parent if path.name == JOURNAL else path]
    if len(path.parts) == 1:
        folders.insert(0, reports / run)
    found = next((folder for folder in folders if (folder / JOURNAL).is_file()), None)
    if found is None:
        raise Mistakes(
            [f"{for_terminal(run)} is no run: name one below {reports} ({_known(reports)}), or a path to one"]
        )
    return found.resolve()


def _newest(reports: Path) -> Path:
    found = next((folder for folder in (reports / LATEST, *_runs(reports)) if (folder / JOURNAL).is_file()), None)
    if found is None:
        raise Mistakes([f"there is no run below {reports} yet: make one with `pytest checks --target SYSTEM@ENV`"])
    return found.resolve()


def _runs(reports: Path) -> list[Path]:
    """All runs, the newest first: they are named by when they began."""
    found = [journal.parent for journal in reports.glob(f"*/{JOURNAL}") if journal.parent.name != LATEST]
    return sorted(found, reverse=True)


def _known(reports: Path) -> str:
    names = [for_terminal(folder.name) for folder in _runs(reports)]
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"known: {', '.join(names[:_SHOWN]) or 'none'}{more}"
