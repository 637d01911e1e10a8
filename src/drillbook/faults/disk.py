"""The disk: old logs and backups have filled the volume that the database lives on, and it dies of it.

They lie on the database's own volume, in folders beside its data, which is in a folder of that volume too. Compose
files tend to give logs and backups volumes of their own; on one server all of these are one file system, and only there
can deleting logs bring a database back, which is what the runbook's step has to prove.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from drillbook.common.inert import inert
from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.polling import until
from drillbook.faults import superuser
from drillbook.faults.fault import Evidence, Fault, honest
from drillbook.faults.reviving import STOPPED, revive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.stack.handle import Handle, Running

LOGS, BACKUPS = "log", "backups"
LIVE = f"{LOGS}/app.log"  # what is being written now: it takes the last byte, and no clean-up may delete it
LARGEST = 2**30  # of memory that a fault may fill
WRITE = 2**20  # a dying database frees some 100 KiB of its own, which no start could live on
DIES_WITHIN = 20.0
NO_SPACE = "No space left"
LETS_NOBODY_IN = "could not write init file"


@dataclass(frozen=True)
class OldFile:
    """A file that the fault leaves lying about: its age in days and its share of what was free, in percent."""

    path: str
    days: int
    share: int


OLD_FILES = (
    OldFile(f"{LOGS}/app.log.1", 1, 3),
    OldFile(f"{LOGS}/app.log.2", 5, 3),
    OldFile(f"{LOGS}/app.log.3", 9, 12),
    OldFile(f"{LOGS}/app.log.4", 16, 12),
    OldFile(f"{LOGS}/app.log.5", 30, 12),
    OldFile(f"{BACKUPS}/newest.dump", 1, 3),
    OldFile(f"{BACKUPS}/newer.dump", 5, 3),
    OldFile(f"{BACKUPS}/old.dump", 9, 12),
    OldFile(f"{BACKUPS}/older.dump", 16, 12),
    OldFile(f"{BACKUPS}/oldest.dump", 30, 12),
)

SPACE = 'grep " $1 tmpfs " /proc/mounts && stat -f -c "%b %a %S" "$1"'
MAKE = """
cd "$1"; shift
mkdir log backups
while [ $# -gt 0 ]; do
    head -c "$2" /dev/zero >"$1"
    touch -d "$3" "$1"
    chmod a+rw "$1"
    shift 3
done
"""
GROW = 'if [ "$2" = all ]; then cat /dev/zero; else head -c "$2" /dev/zero; fi >>"$1"'
TIDY = 'cd "$1"; shift; rm -f -- "$@"; rmdir log backups 2>/dev/null; true'
# Each switch needs a new file for what is written next, as an hour of traffic would. So many at once, for a database
# that has crashed before keeps files to use again, and a checkpoint between two switches would give it more of them.
WRITE_AHEAD = "SELECT pg_current_xact_id();\nSELECT pg_switch_wal();\n" * 16
ATTEMPT = """
trap 'rm -f "$1/.witness"' EXIT
head -c "$2" /dev/zero >"$1/.witness"
"""


def disk_filled(service: str = "postgres", *, mount: str = "/var/lib/postgresql/data", leave: int = 0) -> Fault:
    """Aged and younger logs and backups fill the volume at `mount`, all but `leave` bytes.

    With nothing left the fault waits until the database has died of it, or lets nobody in. The volume must be in
    memory and bounded; anything else is Refused. Leaving removes the files and starts the service; it never empties
    the volume.
    """

    @contextmanager
    def inject(running: Running) -> Iterator[None]:
        handle = running.handle(service)
        with running.helper(service) as holder, ExitStack() as undo:
            free = _free(holder, mount)
            if holder.execute(["sh", "-c", f'ls -d "$1/{LOGS}" "$1/{BACKUPS}" 2>/dev/null', "sh", mount])[1]:
                raise Mistakes([f"{mount} of {service} has a folder {LOGS} or {BACKUPS} already: it cannot be filled"])
            undo.callback(revive, handle)
            undo.callback(_run, holder, TIDY, mount, LIVE, *(file.path for file in OLD_FILES))
            _run(holder, MAKE, mount, *_described(free))
            _fill(holder, mount, leave)
            if not leave:
                until(lambda: _is_dead(handle, holder, mount), within=DIES_WITHIN)
            yield

    @honest
    def witness(running: Running) -> Evidence:
        state = running.handle(service).state()
        with running.helper(service) as helper:
            size, free = _space(helper, mount)
            code, said = helper.execute(["sh", "-euc", ATTEMPT, "sh", mount, str(leave + WRITE)])
        outcome = f"failed: {said.strip().rpartition(': ')[2]}" if code else "succeeded"
        words = f"{mount} {100 * (size - free) / size:.1f} % full, a write of {(leave + WRITE) // 1024} KiB {outcome}"
        return Evidence(bool(code) and NO_SPACE in said, f"{words}; {service}: {state}")

    return Fault(f"the disk of {service} is full", (service,), inject, witness)


def _free(holder: Handle, mount: str) -> int:
    """The free bytes of a volume that may be filled; Refused where filling it would fill more than itself."""
    size, free = _space(holder, mount)
    if size > LARGEST:
        raise Refused([f"{mount} has {size} bytes, more than a fault may fill"])
    return free


def _space(helper: Handle, mount: str) -> tuple[int, int]:
    """Size and free bytes of the volume at `mount`; Refused where that is no bounded volume in memory."""
    code, said = helper.execute(["sh", "-c", SPACE, "sh", mount])
    found = re.search(r" tmpfs \S*\bsize=\d+\S* .*\n(\d+) (\d+) (\d+)\s*$", said)
    if code or not found:
        seen = f"looked at with exit code {code}: {inert(said.strip())[:200] or 'nothing'}"
        why = f"{mount} is no volume in memory with a size of its own: declare it in [stack.volumes]"
        raise Refused([f"{why} ({seen})"])
    blocks, free, unit = map(int, found.groups())
    return blocks * unit, free * unit


def _described(free: int) -> Iterator[str]:
    """Path, size and time of each file, as the script takes them."""
    now = datetime.now(UTC)
    for file in OLD_FILES:
        yield from (file.path, str(free * file.share // 100), f"{now - timedelta(days=file.days):%Y-%m-%d %H:%M}")


def _fill(holder: Handle, mount: str, leave: int) -> None:
    free = _space(holder, mount)[1]
    code, said = holder.execute(
        ["sh", "-c", GROW, "sh", f"{mount}/{LIVE}", str(max(0, free - leave)) if leave else "all"]
    )
    if code and NO_SPACE not in said:
        raise Mistakes([f"{mount} cannot be filled: {said.strip()}"])


def _is_dead(handle: Handle, holder: Handle, mount: str) -> bool:
    """Fills what the dying database frees, has it write, and says whether it is gone, or of no use to anybody."""
    dead = handle.state() in STOPPED
    _fill(holder, mount, leave=0)
    if dead:
        return True
    try:
        superuser.ask(handle, WRITE_AHEAD)
    except Mistakes as error:  # that is the point: it dies of it, or lives on and can let nobody in any more
        return LETS_NOBODY_IN in str(error)
    return False


def _run(helper: Handle, script: str, *words: str) -> None:
    code, said = helper.execute(["sh", "-euc", script, "sh", *words])
    if code:
        raise Mistakes([f"{helper.service}: {said.strip()[:300]}"])
