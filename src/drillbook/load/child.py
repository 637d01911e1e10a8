"""The child that runs a profile with Locust: started, told where to go, and listened to.

It ends when this process does, and when its standard input is closed. Nothing else of Drillbook imports Locust, which
patches the process that it is in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from drillbook.common.inert import inert
from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.redact import scrub
from drillbook.load.profile import LoadProfile, Ramp
from drillbook.supervisor.children import tethered
from drillbook.supervisor.lines import Lines, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

IMPORT_SECONDS = 60.0
SILENT_SECONDS = 30.0  # it tells once a second; at its end it waits for answers as long as a request may take
STOPS_WITHIN = 2.0
AHEAD = -10
SHOWN = 300


@dataclass(frozen=True)
class Told:
    """What a file says of its profile: `about` is its first sentence."""

    file: str
    about: str
    profile: LoadProfile

    @classmethod
    def of(cls, file: str, plain: Mapping[str, Any]) -> Told:
        """From what the child tells of the profile in `file`."""
        ramps = tuple(Ramp(to=ramp["to"], seconds=ramp["seconds"]) for ramp in plain["arrivals"])
        held_to, served = tuple(plain["held_to"]), plain["served"]
        profile = LoadProfile(runbook=plain["runbook"], arrivals=ramps, held_to=held_to, served=served)
        return cls(file, plain["about"], profile)


class Generator:
    """A child with a profile, ready to go."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes], file: str) -> None:
        assert process.stdout is not None
        self._process, self._log, self._file = process, log, file
        self._lines = Lines(process.stdout.fileno())
        self.told = Told.of(file, self._next(IMPORT_SECONDS)["profile"])

    def run(self, **where: Any) -> Iterator[dict[str, Any]]:
        """Starts it, and yields what it tells, once a second, to its end; `where` is the host and what goes with it.

        Refused where a visitor turned to another host; Mistakes where the child does not come to its end.
        """
        assert self._process.stdin is not None
        say(self._process.stdin.fileno(), **where)
        while "ended" not in (line := self._next(SILENT_SECONDS)):
            yield line
        yield line

    def _next(self, seconds: float) -> dict[str, Any]:
        line = self._lines.wait(seconds)
        if line is None:
            raise Mistakes([f"{self._file}: {self._why()}"])
        if "mistakes" in line:
            raise Mistakes(line["mistakes"])
        if "refused" in line:
            raise Refused([f"{self._file}: {line['refused']}"])
        return line

    def _why(self) -> str:
        """Why it told nothing more."""
        if self._lines.open:
            return "the load generator fell silent, and was ended"
        code = self._process.wait()
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip().splitlines()
        last = inert(scrub(" / ".join(said[-3:])))[-SHOWN:] or "it said nothing"
        return f"the load generator ended with {code}: {last}"


@contextmanager
def generating(file: Path, root: Path) -> Iterator[Generator]:
    """A child that has read the profile in `file`, ended afterwards; Mistakes say what is wrong with the file."""
    command = [sys.executable, "-m", "drillbook.load.generator", str(file)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(tethered(command), cwd=root, stderr=log, process_group=0, **pipes) as process,  # type: ignore[call-overload]
    ):
        try:
            _ahead(process)
            yield Generator(process, log, str(file.relative_to(root)))
        finally:
            _end(process)


def _ahead(process: subprocess.Popen[bytes]) -> None:
    """Lets it run before others where that is allowed: waiting for a CPU would look like the system's latency."""
    with suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, process.pid, AHEAD)


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
