"""Run other programs: their output goes to a log whose last lines are shown when they fail."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from drillbook.doctor.machine import SYSTEM_PATH, state_folder
from drillbook.doctor.missing import Missing
from drillbook.doctor.say import last_lines, say

LONGEST_RUN_SECONDS = 900


def logged(arguments: Sequence[str], *, log: str, next_step: str, variables: Mapping[str, str] | None = None) -> None:
    """Run a program with its output in a log file; raise Missing, with the log's end said, if it fails."""
    path = log_file(log)
    with path.open("ab") as output:
        code = _run(arguments, output.fileno(), {**environment(), **(variables or {})})
    if code != 0:
        say(last_lines(path))
        raise Missing(f"{arguments[0]} failed ({code}, log: {path}): {next_step}")


def output_of(arguments: Sequence[str], seconds: float = 30) -> str | None:
    """Return what a program prints, or None where it is not there, fails or hangs."""
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=seconds, env=environment(), stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def is_there(program: str) -> bool:
    """Whether a program can be started by its name."""
    return shutil.which(program, path=SYSTEM_PATH) is not None


def log_file(name: str) -> Path:
    """Return the path of one of the doctor's logs."""
    return state_folder() / f"{name}.log"


def environment() -> dict[str, str]:
    """Return the environment for the programs we start: sbin on the PATH, and no questions from apt."""
    return {**os.environ, "PATH": SYSTEM_PATH, "DEBIAN_FRONTEND": "noninteractive"}


def _run(arguments: Sequence[str], output: int, variables: Mapping[str, str]) -> int:
    try:
        return subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=variables,
            timeout=LONGEST_RUN_SECONDS,
        ).returncode
    except FileNotFoundError:
        return 127
    except subprocess.TimeoutExpired:
        return 124
