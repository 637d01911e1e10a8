"""How the doctor speaks: one plain line per finding, and one before each step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer


def say(line: str) -> None:
    """Print one plain line at once, also where the output is a pipe."""
    typer.echo(line)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what starts now and, when it went well, how many seconds it took."""
    say(f"{what} ...")
    started = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - started:.1f} s")


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log file, indented; empty where there is no log."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-count:])
