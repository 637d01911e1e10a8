"""A docker daemon started by hand, where no service manager does it."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from drillbook.doctor.machine import process_name
from drillbook.doctor.missing import Missing
from drillbook.doctor.program import environment
from drillbook.doctor.say import last_lines, say

LOG = Path("/var/log/drillbook-dockerd.log")
RUN = Path("/var/run")
PID_FILES = {RUN / "docker.pid": "dockerd", RUN / "docker" / "containerd" / "containerd.pid": "containerd"}


def start() -> Callable[[], bool]:
    """Start dockerd in a session of its own, so that it outlives our terminal and the make that called us.

    Returns the question whether it still runs.
    """
    remove_stale_pid_files(PID_FILES)
    with LOG.open("ab") as log:
        process = subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), start_new_session=True
        )
    return lambda: process.poll() is None


def wait(
    answers: Callable[[], bool], *, runs: Callable[[], bool], help_: str, log: Path | None = None, seconds: float = 60
) -> None:
    """Wait until the daemon answers; when it ends or the time is up, say its log's end and raise Missing."""
    deadline = time.monotonic() + seconds
    while not answers():
        if not runs() or time.monotonic() > deadline:
            say(last_lines(log) if log else "")
            raise Missing(f"docker engine: did not start: {help_}")
        time.sleep(0.2)


def remove_stale_pid_files(files: dict[Path, str]) -> None:
    """Remove pid files whose process is gone or is another program by now.

    dockerd refuses to start beside a pid file whose number is in use, by whatever program.
    """
    for path, program in files.items():
        if path.exists() and process_name(_pid(path)) != program:
            say(f"docker engine: removing the stale pid file {path}")
            path.unlink()


def _pid(path: Path) -> int:
    text = path.read_text().strip()
    return int(text) if text.isdigit() else 0
