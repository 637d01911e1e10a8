"""The steps themselves: for containers, for sessions of the database, for files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes
from drillbook.faults import superuser
from drillbook.judging.limit import duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from drillbook.stack.handle import Handle, Running

DAY = 86400
# A session has been in its state since state_change; since when its transaction is open says nothing about that.
TERMINATE = """
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE state = :'state' AND state_change < now() - :'older_than'::interval
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
# -mtime +7 counts whole days: what is deleted is eight days old, at least.
DELETE_AGED = """
cd "$1"
find . -mindepth 1 -type f -name "$2" "$3" "+$4" -exec stat -c %s {} \\; -delete
"""


@dataclass(frozen=True)
class Fix:
    """One step: `words` name it ("restart redis"), `apply` takes it and returns what it did, in words.

    `apply` raises Refused outside a drill, and Mistakes where the step cannot be taken.
    """

    words: str
    apply: Callable[[Running], str]


def restart(service: str) -> Fix:
    """Restarts the service's container, with the environment it has; does not wait until it is ready."""
    return _handled(f"restart {service}", service, lambda handle: handle.restart(), "restarted")


def start(service: str) -> Fix:
    """Starts the service's container again; does not wait until it is ready."""
    return _handled(f"start {service}", service, lambda handle: handle.start(), "started")


def recreate(service: str, **changes: str) -> Fix:
    """Replaces the service's container by a new one, with these variables of the compose file changed."""
    return _handled(f"re-create {service}", service, lambda handle: handle.recreate(changes), "re-created")


def terminate_sessions(
    state: str = "idle in transaction", *, older_than: str = "10m", service: str = "postgres"
) -> Fix:
    """Ends the database's sessions that have been in `state` for longer than `older_than`, and no others."""
    seconds = duration(older_than)

    def apply(running: Running) -> str:
        handle = running.handle(service)
        ended = superuser.ask(handle, TERMINATE, state=state, older_than=f"{seconds} s")
        return f"{_count(int(ended), 'session')} terminated"

    return Fix(f"terminate what is {state} for {older_than}", apply)


def free_aged_files(
    folder: str, *, pattern: str | None = None, older_than: str = "7d", service: str = "postgres"
) -> Fix:
    """Deletes the files below `folder` whose names fit `pattern` and that are older than that, as `find` counts age.

    The folder is one of the service's volumes, named as the service sees it. It and all younger files stay. Works
    while the service is down.
    """
    seconds = int(duration(older_than))
    age = ("-mmin", str(seconds // 60)) if seconds % DAY else ("-mtime", str(seconds // DAY))

    def apply(running: Running) -> str:
        with running.helper(service) as helper:
            code, said = helper.execute(["sh", "-euc", DELETE_AGED, "sh", folder, pattern or "*", *age])
        if code:
            raise Mistakes([f"{folder} of {service}: {said.strip()[:300]}"])
        sizes = [int(line) for line in said.splitlines()]
        return f"{_count(len(sizes), 'file')} deleted, {sum(sizes) / 1e6:.0f} MB freed"

    return Fix(f"delete {pattern or 'files'} older than {older_than} from {folder}", apply)


def in_turn(*fixes: Fix) -> Fix:
    """One step after the other; the first that cannot be taken ends it."""
    return Fix(
        ", then ".join(fix.words for fix in fixes), lambda running: "; ".join(fix.apply(running) for fix in fixes)
    )


def _handled(words: str, service: str, act: Callable[[Handle], None], done: str) -> Fix:
    def apply(running: Running) -> str:
        act(running.handle(service))
        return f"{service} {done}"

    return Fix(words, apply)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
