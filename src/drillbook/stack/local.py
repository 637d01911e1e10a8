"""`drillbook up` and `drillbook down`: a copy of a system on this machine, with its addresses kept for checks."""

from __future__ import annotations

import fcntl
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.addresses import read_env_file, write_env_file
from drillbook.doctor.images import environment
from drillbook.mistakes import Mistakes
from drillbook.progress import under_way
from drillbook.redact import keep_secret, masked
from drillbook.stack import compose
from drillbook.stack.plan import Plan, kept_plan, make_plan
from drillbook.stack.warm import wait_until_warm
from drillbook.target import load_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drillbook.library import Library
    from drillbook.progress import Say
    from drillbook.system import Stack

LOCAL = "local"
WARM_WITHIN = 90.0


@dataclass(frozen=True)
class Copy:
    """The local copy of a system: what names it, and where it is kept."""

    library: Library
    system: str

    @property
    def target(self) -> str:
        """`deal-scout@local`."""
        return f"{self.system}@{LOCAL}"

    @property
    def project(self) -> str:
        """The compose project: another checkout on the same machine has a copy of its own."""
        where = hashlib.sha256(str(self.library.root.resolve()).encode()).hexdigest()[:8]
        return f"drillbook-{self.system}-{where}"

    @property
    def owner(self) -> str:
        """The value of the label `drillbook` on everything of the copy."""
        return f"up:{self.project}"

    @property
    def env_file(self) -> Path:
        """Its addresses and secrets."""
        return self.library.env_file(self.target)

    @property
    def override_file(self) -> Path:
        """The compose override it was started with."""
        return self.env_file.with_suffix(".compose.yaml")

    def stack(self) -> Stack:
        """What the system file says of its stack; Mistakes where it says nothing."""
        found = self.library.read(self.system)
        if found.stack is None or LOCAL not in found.environments:
            path = self.library.file_of(self.system)
            raise Mistakes([f"{path}: `drillbook up` needs a table [stack] and an environment `{LOCAL}`"])
        return found.stack


def up(library: Library, system: str, say: Say) -> None:
    """Starts the copy of `system`, waits until it is warm and says its addresses; one that runs is left as it is."""
    copy = Copy(library, system)
    stack = copy.stack()
    with under_way("looking for the images", say=say):
        images = environment()
    with _alone(copy, say):
        plan = _planned(copy, stack, say)
        for value in plan.secrets.values():
            keep_secret(value)
        _start(copy, stack, plan, images=images, say=say)
    seconds = wait_until_warm(load_target(copy.target, library), within=WARM_WITHIN, say=say)
    say(f"{copy.target} is up and warm (waited {seconds:.0f} s) as compose project {copy.project}")
    say(f"its addresses are in {copy.env_file}, passwords included:")
    for name, address in plan.addresses.items():
        say(f"  {name}={masked(address)}")


def down(library: Library, system: str, say: Say) -> None:
    """Removes the copy of `system` with its data; where there is none, says so."""
    copy = Copy(library, system)
    library.file_of(system)
    with _alone(copy, say):
        removed = compose.remove(copy.owner, say=say)
        copy.env_file.unlink(missing_ok=True)
        copy.override_file.unlink(missing_ok=True)
    say(f"removed {copy.target}: {len(removed)} containers, networks and volumes" if removed else _nothing(copy))


def _nothing(copy: Copy) -> str:
    return f"nothing of {copy.target} is there"


def _planned(copy: Copy, stack: Stack, say: Say) -> Plan:
    kept = kept_plan(stack, read_env_file(copy.env_file))
    if kept:
        return kept
    plan = make_plan(stack)
    compose.remove(copy.owner, say=say)  # what an earlier copy left has other passwords in its data
    write_env_file(copy.env_file, plan.values)
    return plan


def _start(copy: Copy, stack: Stack, plan: Plan, *, images: Mapping[str, str], say: Say) -> None:
    file = copy.library.file_of(copy.system).parent / stack.compose
    values = {**images, **plan.values, "COMPOSE_PROJECT_NAME": copy.project}
    files = compose.describe(stack, file, copy.override_file, plan=plan, values=values, owner=copy.owner)
    say(f"starting {copy.target} from {file}")
    with under_way(f"starting {copy.target}", say=say, now=lambda: compose.how_far(copy.project)):
        compose.start(files, values)


@contextmanager
def _alone(copy: Copy, say: Say) -> Iterator[None]:
    """Two `up` at once would plan twice: the second waits for the first."""
    copy.env_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with copy.env_file.with_suffix(".lock").open("w") as lock:
        with under_way(f"waiting for another `drillbook up` or `down` of {copy.system}", say=say):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
