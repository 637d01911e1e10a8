"""The supervisor process: waits until its run has ended, in whatever way, and clears away what is left of it.

`python -m drillbook.supervisor RUN PID STARTED`: the run's label, and the process that is the run. The read end of the
pipe that only the run holds is standard input; what there is to say goes to standard output.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.doctor import engine
from drillbook.supervisor.clearing import ENGINE_SECONDS, QUIET, SETTLED, Remains, clear
from drillbook.supervisor.folder import make_folder, remove_folder
from drillbook.supervisor.lines import say
from drillbook.supervisor.listening import Heard, listen
from drillbook.supervisor.owner import LABEL, owner_of
from drillbook.supervisor.things import listed

if TYPE_CHECKING:
    from pathlib import Path

    from drillbook.supervisor.owner import Owner

IN, OUT, ERRORS = 0, 1, 2
LOG = "supervisor.log"


def main() -> None:
    """Supervises one run from its first moment to its last trace."""
    _ignore_signals()
    run, pid, started = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    owner = owner_of(os.getpid())
    remains = Remains(str(owner), (f"{LABEL}={run}",), make_folder(owner))
    try:
        client = _ready_engine(remains)
        _log_to(remains.folder)
        _supervise(remains, owner, client=client, run=(pid, started))
    except Mistakes as mistakes:
        say(OUT, refused=mistakes.lines)
    finally:
        remove_folder(remains.folder)


def _supervise(remains: Remains, owner: Owner, *, client: Any, run: tuple[int, int]) -> None:
    heard = Heard()
    if say(OUT, ready=str(owner), folder=str(remains.folder)):
        listen(IN, heard, run)
    found = clear(remains, heard.registered, client=client, quiet=SETTLED if heard.settled else QUIET)
    say(OUT, removed=found.removed, left=found.left)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)


def _ready_engine(remains: Remains) -> Any:
    """A client of an engine that answers and has nothing of this run's label yet; Mistakes otherwise."""
    engine.connect()
    client = engine.client(timeout=ENGINE_SECONDS)
    if there := listed(client, *remains.labels):
        names = ", ".join(map(str, there[:3]))
        raise Mistakes(
            [f"{len(there)} things carry the label {remains.labels[0]} already ({names}): choose another run"]
        )
    return client


def _log_to(folder: Path) -> None:
    """From now on errors go into the run's folder, which ends with the run."""
    log = os.open(folder / LOG, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.dup2(log, ERRORS)
    os.close(log)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):  # before the signals are ignored there is nothing to clear
        main()
