"""The command `drillbook`: sets a machine up, starts and removes local copies of systems, makes reports anew.

Checks, drills and profiles are pytest's business: `pytest checks --target SYSTEM@ENV`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from drillbook.gate import USAGE_ERROR
from drillbook.library import Library
from drillbook.mistakes import Mistakes

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

SystemName = Annotated[str, typer.Argument(metavar="SYSTEM", help="a folder of systems/, e.g. deal-scout")]
RunName = Annotated[str | None, typer.Argument(metavar="RUN", help="a run's name or folder; the newest without")]


@app.command()
def up(system: SystemName) -> None:
    """Start a local copy of a system, wait until it is warm, and keep its addresses for SYSTEM@local."""
    from drillbook.stack import local

    local.up(_library(), system, typer.echo)


@app.command()
def down(system: SystemName) -> None:
    """Remove the local copy of a system, and its data."""
    from drillbook.stack import local

    local.down(_library(), system, typer.echo)


@app.command()
def sweep() -> None:
    """Remove what runs have left that a crash of the machine kept from cleaning up, and nothing else."""
    from drillbook import supervisor

    supervisor.sweep(typer.echo)


@app.command()
def doctor(
    *, fix: Annotated[bool, typer.Option("--fix", help="install, start or build what is missing")] = False
) -> None:
    """Say what this machine has and what is missing; change nothing unless asked to."""
    from drillbook.doctor import run

    raise typer.Exit(run(fix))


@app.command()
def report(
    run: RunName = None, *, reports: Annotated[Path, typer.Option(help="the folder with the runs")] = Path("reports")
) -> None:
    """Make the page of a run anew from its journal, and print where it is."""
    from drillbook.report.page.which import page_of

    page, here = page_of(run, reports), Path.cwd()
    typer.echo(page.relative_to(here) if page.is_relative_to(here) else page)


def main() -> None:
    """Runs the command; a user's mistake is said in one line each, and exits with 4."""
    try:
        app()
    except Mistakes as mistakes:
        for line in mistakes.lines:
            typer.echo(f"drillbook: {line}", err=True)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        sys.exit(130)


def _library() -> Library:
    """The systems of the checkout that the working directory lies in."""
    here = Path.cwd()
    return Library(next((folder for folder in (here, *here.parents) if (folder / "systems").is_dir()), here))
