"""The command `drillbook`: makes a repository, sets a machine up, reads system files, has local copies, makes reports.

Checks, drills and profiles are pytest's business: `pytest checks --target SYSTEM@ENV`.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from drillbook.common.curtain import draw_curtain
from drillbook.common.extras import CHAOS, EXTRAS, LOAD, installed, need
from drillbook.common.mistakes import Mistakes, Refused
from drillbook.judging.gate import REFUSED, USAGE_ERROR
from drillbook.system.library import Library

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

SystemName = Annotated[str, typer.Argument(metavar="SYSTEM", help="a folder of systems/, e.g. deal-scout")]
AnySystem = Annotated[str | None, typer.Argument(metavar="SYSTEM", help="a folder of systems/; all without")]
RunName = Annotated[str | None, typer.Argument(metavar="RUN", help="a run's name or folder; the newest without")]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"drillbook {version('drillbook')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="say which Drillbook this is")
    ] = False,
) -> None:
    """What is said before any command."""


class WithSystems(TyperCommand):
    """A command whose help ends with the systems that there are here."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the help, as it always is, with the systems as its last line."""
        self.epilog = f"Systems here: {', '.join(_library().names()) or 'none'}."
        super().format_help(ctx, formatter)


class Job(StrEnum):
    """What a machine may be wanted for: checks, or what is an extra."""

    CHECKS = "checks"
    CHAOS = CHAOS
    LOAD = LOAD


@app.command()
def new(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="the folder; with --diff, this one without")
    ] = None,
    *,
    diff: Annotated[bool, typer.Option("--diff", help="what would be written otherwise today, as a patch")] = False,
) -> None:
    """Make a repository of your own: checks, drills, load profiles, systems, and a workflow that runs them.

    After an upgrade, --diff says what of that has changed since, and exits with 1 where anything has; `git apply` takes
    it. Files of your own are not in it.
    """
    from drillbook.repository.new import differences, make

    if diff:
        lines = differences(folder or Path())
        typer.echo("".join(lines), nl=False)
        raise typer.Exit(bool(lines))
    if not folder:
        raise Mistakes(["say which folder is to be made: drillbook new DIR"])
    make(folder, typer.echo)


@app.command(cls=WithSystems)
def up(system: SystemName) -> None:
    """Start a local copy of a system, wait until it is warm, and keep its addresses for SYSTEM@local.

    It stays until `drillbook down`, which also removes what a killed `up` has left.
    """
    need("drillbook up", CHAOS)
    from drillbook.stack import local

    local.up(_library(), system, typer.echo)


@app.command(cls=WithSystems)
def down(system: SystemName) -> None:
    """Remove the local copy of a system, and its data."""
    need("drillbook down", CHAOS)
    from drillbook.stack import local

    local.down(_library(), system, typer.echo)


@app.command()
def sweep() -> None:
    """Remove what a run left that was killed (kill -9, a crash) together with its supervisor.

    That is its containers, networks, volumes, processes and temporary folder; a killed run alone leaves nothing. Only
    what is labelled and named as a run's whose supervisor is dead is removed; of the rest it is said why it stays.
    """
    need("drillbook sweep", CHAOS)
    from drillbook import supervisor

    supervisor.sweep(typer.echo)


@app.command()
def doctor(
    *,
    job: Annotated[
        Job | None, typer.Option("--for", help="what it is to be fit for; all that is installed without")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="install, start or build what is missing")] = False,
) -> None:
    """Say what this machine has and what is missing; change nothing unless asked to.

    Checks need Python alone. Drills and copies (chaos) need an engine, Compose, and the images that compose files of
    the systems here name; load profiles need their libraries.
    """
    from drillbook.doctor import run

    extras = installed() if job is None else [extra for extra in EXTRAS if extra == job]
    for extra in extras:
        need(f"drillbook doctor --for {extra}", extra)
    raise typer.Exit(run(_library(), extras, fix=fix))


@app.command()
def validate(system: AnySystem = None) -> None:
    """Read system files, and items and states beside them, and say what is wrong: nobody is asked, no address set."""
    from drillbook.system.validation import validate

    validate(_library(), system, typer.echo)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="a limit, a key, a kind of service, an exit code")],
    *,
    target: Annotated[str, typer.Option(metavar="SYSTEM", help="whose limits and signals are meant, too")] = "",
) -> None:
    """Say what the reference has of a name: redis.memory, services.http.health, redis, 11.

    The text of an UNKNOWN, in quotes, is explained as well.
    """
    from drillbook.reference.explain import explain

    explain(_library(), name, typer.echo, target)


@app.command()
def items(
    system: AnySystem = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="as JSON: id, system, kind, what, covered_by, reason")] = False,
) -> None:
    """List what runbooks let one ask and do, and say of each item what covers it, or why nothing does.

    It is covered when everything that judges it exists for that system, and some state of its red.toml turns it red.
    """
    from drillbook.report.items import as_json, as_table
    from drillbook.system.covered import covered

    found = covered(_library(), system)
    typer.echo(as_json(found) if json else "\n".join(as_table(found)))


@app.command()
def init(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="what the system is called")] = None,
    *,
    url: Annotated[str, typer.Option(metavar="URL", help="where the service answers that its users ask")] = "",
    compose: Annotated[
        Path | None, typer.Option(metavar="FILE", help="the compose file that starts the system")
    ] = None,
    database_env: Annotated[
        str | None, typer.Option(metavar="VAR", help="the variable that holds the address of its PostgreSQL")
    ] = None,
    redis_env: Annotated[
        str | None, typer.Option(metavar="VAR", help="the variable that holds the address of its Redis")
    ] = None,
) -> None:
    """Look at what answers at URL, and write systems/NAME/system.toml, which says what was found.

    It is asked with a few GET requests, each once. No address and no secret is written down, no file overwritten.
    """
    from drillbook.init import start
    from drillbook.init.wanted import Wanted

    start.init(_library(), Wanted(url, name, compose, database_env, redis_env), typer.echo, _ask)


@app.command()
def report(
    run: RunName = None, *, reports: Annotated[Path, typer.Option(help="the folder with the runs")] = Path("reports")
) -> None:
    """Make the page of a run anew from its journal, and print where it is."""
    from drillbook.report.page.which import page_of

    page, here = page_of(run, reports), Path.cwd()
    typer.echo(page.relative_to(here) if page.is_relative_to(here) else page)


def main() -> None:
    """Runs the command; a user's mistake is said in one line each, and exits with 4; 12 where it is refused."""
    draw_curtain()
    try:
        app()
    except Mistakes as mistakes:
        for line in mistakes.lines:
            typer.echo(f"drillbook: {line}", err=True)
        sys.exit(REFUSED if isinstance(mistakes, Refused) else USAGE_ERROR)
    except KeyboardInterrupt:
        sys.exit(130)


def _ask(question: str, default: str) -> str:
    """The answer of whoever sits at the terminal; the default where nobody does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return default
    try:
        answer: str = typer.prompt(question, default=default)
    except typer.Abort:
        raise Mistakes(["no answer: nothing was written"]) from None
    return answer


def _library() -> Library:
    """The systems of the checkout that the working directory lies in."""
    here = Path.cwd()
    return Library(next((folder for folder in (here, *here.parents) if (folder / "systems").is_dir()), here))
