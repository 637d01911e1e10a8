"""Arms a run: a supervisor process is there, and has seen that the engine answers, before anything is created."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drillbook.common.inert import inert
from drillbook.common.mistakes import Mistakes
from drillbook.common.progress import nobody, under_way
from drillbook.supervisor.folder import folder_of, remove_folder
from drillbook.supervisor.handle import Supervisor
from drillbook.supervisor.lines import Lines
from drillbook.supervisor.owner import owner_of
from drillbook.supervisor.process import MARK, PROC, look

if TYPE_CHECKING:
    from drillbook.common.progress import Say

READY_SECONDS = 20.0
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
# GitHub's runner ends what carries its tracking id; a supervisor that is marked as a run's would end with that run.
_NOT_PASSED_ON = ("RUNNER_TRACKING_ID", MARK)


def arm(run: str, *, within: float = READY_SECONDS, say: Say = nobody) -> Supervisor:
    """Starts the supervisor of `run`, which is the value of the label `drillbook`, and waits until it is ready.

    Everything that this process starts from now on is ended with the run. Mistakes, with the next step, where the
    supervisor is not ready after `within` seconds: a run that nobody supervises is refused. `say` is told where that,
    or the close, takes long.
    """
    if not _RUN.fullmatch(run):
        raise ValueError(f"a run's name has letters, digits and ._- only: {run!r}")
    process = _start(run)
    said = Lines(process.stdout.fileno())  # type: ignore[union-attr]  # it was asked for
    with under_way("arming the supervisor", say=say, at_most=within):
        answer = said.wait(within)
    if answer is None or "ready" not in answer:
        _give_up(process)
        raise Mistakes(_refusal(answer, said, within))
    return Supervisor(run, process, said, owner=answer["ready"], folder=Path(answer["folder"]), say=say)


def _start(run: str) -> subprocess.Popen[bytes]:
    me = look(os.getpid())
    if me is None:
        raise Mistakes([f"nothing can supervise this run: {PROC} does not show processes: run on Linux"])
    # -P: a folder or file called `docker` where the user stands is not the library.
    command = [sys.executable, "-P", "-m", "drillbook.supervisor", run, str(me.pid), str(me.started)]
    return subprocess.Popen(
        command,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON},
    )


def _give_up(process: subprocess.Popen[bytes]) -> None:
    folder = folder_of(owner_of(process.pid))  # as long as nobody has waited for it, its pid is its own
    process.kill()
    process.communicate()
    remove_folder(folder)


def _refusal(answer: dict[str, Any] | None, said: Lines, within: float) -> list[str]:
    if answer is not None:
        return [f"nothing can supervise this run: {line}" for line in answer["refused"]]
    what = f"it ended: {inert(said.unread)}" if not said.open else f"it was not ready after {within:.0f} s"
    return [f"nothing can supervise this run: {what}: run `drillbook doctor` to see what is missing"]
