"""How the doctor speaks: one plain line per finding, one before each step, and more of them while a step is long."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from drillbook.common.progress import under_way
from drillbook.doctor.machine import state_folder

# How the engine's builder begins each line of a Dockerfile.
BUILD_STEP = re.compile(r"^Step \d+/\d+", re.MULTILINE)
LOG_END = 16384  # characters in which its last line is looked for


def say(line: str) -> None:
    """Print one plain line at once, also where the output is a pipe."""
    typer.echo(line)


@contextmanager
def step(what: str, *, at_most: float | None = None, now: Callable[[], str] | None = None) -> Iterator[None]:
    """Say what starts now, how far it is where it takes long, and, when it went well, how many seconds it took.

    Where nobody says how far it is (`now`), the log that a program of this step writes to does.
    """
    say(f"{what} ...")
    started, since = time.monotonic(), time.time()
    with under_way(what, say=say, at_most=at_most, now=now or (lambda: newest_line(since))):
        yield
    say(f"  done in {time.monotonic() - started:.1f} s")


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log file, indented; empty where there is no log."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-count:])


def newest_line(since: float) -> str:
    """Return the last line of the log that was written to last, after the step of a build; empty if none was since."""
    log = max(state_folder().glob("*.log"), key=lambda path: path.stat().st_mtime, default=None)
    if log is None or log.stat().st_mtime < since:
        return ""
    text = log.read_text(errors="replace")
    last = [line.strip() for line in text[-LOG_END:].splitlines() if line.strip()][-1:]
    step_of_build = [] if last and BUILD_STEP.match(last[0]) else BUILD_STEP.findall(text)[-1:]
    return ": ".join([*step_of_build, *last])
