"""`drillbook up` and `drillbook down`: a copy of a system on this machine, with its addresses kept for checks."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.progress import nobody, under_way
from drillbook.common.redact import masked
from drillbook.stack import compose
from drillbook.stack.marks import Marks
from drillbook.stack.plan import kept_plan, make_plan
from drillbook.stack.recipe import Recipe, prepared
from drillbook.stack.standing import told_by_logs
from drillbook.stack.warm import wait_until_warm
from drillbook.supervisor.owner import LABEL
from drillbook.supervisor.stopping import orderly_stop
from drillbook.system.addresses import read_env_file, write_env_file
from drillbook.system.elsewhere import LOCAL
from drillbook.system.target import load_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drillbook.common.progress import Say
    from drillbook.stack.document import Document
    from drillbook.stack.plan import Plan
    from drillbook.system.file import Stack
    from drillbook.system.library import Library

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
    def folder(self) -> Path:
        """Where the document is that it was started from, and the copies of single files."""
        return self.env_file.with_suffix(".copy").resolve()

    def stack(self) -> Stack:
        """What the system file says of its stack; Mistakes where it says nothing."""
        found = self.library.read(self.system)
        if found.stack and LOCAL in found.environments:
            return found.stack
        wanted = f"environments.{LOCAL}" if found.stack else "stack"
        raise Mistakes(self.library.told(self.system, [f"{wanted}: is missing: `drillbook up` needs [{wanted}]"]))


def up(library: Library, system: str, say: Say) -> None:
    """Starts the copy of `system`, waits until it is warm and says its addresses; one that runs is left as it is.

    A start that fails or is interrupted leaves nothing: Mistakes says why. A copy that was there before it is kept.
    """
    copy = Copy(library, system)
    stack = copy.stack()
    with _alone(copy, say), orderly_stop():
        recipe, document = _prepared(copy, stack, say)
        there = compose.is_there(copy.owner)
        try:
            seconds = _start(copy, recipe, document, say)
        except Mistakes as mistakes:
            kept = there and not isinstance(mistakes, Refused)
            raise type(mistakes)([*mistakes.lines, _undone(copy, say, kept=kept)]) from None
        except KeyboardInterrupt:
            say("interrupted: " + _undone(copy, say, kept=there))
            raise
    say(f"{copy.target} is up and warm (waited {seconds:.0f} s) as compose project {copy.project}")
    say(f"its addresses are in {copy.env_file}, passwords included:")
    for name, address in recipe.plan.addresses.items():
        say(f"  {name}={masked(address)}")


def down(library: Library, system: str, say: Say) -> None:
    """Removes the copy of `system` with its data; where there is none, says so."""
    copy = Copy(library, system)
    if not compose.is_there(copy.owner):  # a copy can outlive its system's file
        library.file_of(system)
    with _alone(copy, say):
        removed = _remove(copy, say)
    what = f"{len(removed)} containers, networks, volumes and images"
    say(f"removed {copy.target}: {what}" if removed else _nothing(copy))


def _remove(copy: Copy, say: Say) -> tuple[str, ...]:
    removed = compose.remove(copy.owner, say=say)
    copy.env_file.unlink(missing_ok=True)
    copy.library.asked_file(copy.target).unlink(missing_ok=True)
    shutil.rmtree(copy.folder, ignore_errors=True)
    return removed


def _undone(copy: Copy, say: Say, *, kept: bool) -> str:
    """Removes what a start has left, and says so; what was there before it stays, and how to look at it is said."""
    if kept:
        return (
            f"{copy.target} was there before and was left: `docker compose --project-name {copy.project} ps --all` and "
            f"`… logs` show it, `drillbook down {copy.system}` removes it"
        )
    _remove(copy, say)
    return f"what had been started was removed: nothing of {copy.target} is left"


def _nothing(copy: Copy) -> str:
    return f"nothing of {copy.target} is there"


def _prepared(copy: Copy, stack: Stack, say: Say) -> tuple[Recipe, Document]:
    """The recipe of the copy that is there, or of a new one, and its document."""
    kept = kept_plan(stack, read_env_file(copy.env_file))
    with copy.library.telling(copy.system), under_way("looking at the compose file", say=say):
        if kept:
            recipe, document = prepared(_recipe(copy, stack, kept), say)
            if recipe.plan == kept:
                return recipe, document
        found = prepared(_recipe(copy, stack, make_plan(stack)), nobody if kept else say)
    _remove(copy, say)  # what an earlier copy left has other passwords in its data
    write_env_file(copy.env_file, found[0].plan.values)
    return found


def _recipe(copy: Copy, stack: Stack, plan: Plan) -> Recipe:
    beside, marks = copy.library.file_of(copy.system).parent, Marks(copy.project, {LABEL: copy.owner})
    return Recipe(stack, beside, marks, copy.folder, plan)


def _start(copy: Copy, recipe: Recipe, document: Document, say: Say) -> float:
    """Starts it; the seconds it took to become warm."""
    say(f"starting {copy.target} from {recipe.file}")
    with under_way(f"starting {copy.target}", say=say, now=lambda: compose.how_far(copy.project)):
        compose.start(recipe, document)
    with told_by_logs(copy.project):
        return wait_until_warm(load_target(copy.target, copy.library), within=WARM_WITHIN, say=say)


@contextmanager
def _alone(copy: Copy, say: Say) -> Iterator[None]:
    """Two `up` at once would plan twice: the second waits for the first."""
    copy.env_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with copy.env_file.with_suffix(".lock").open("w") as lock:
        with under_way(f"waiting for another `drillbook up` or `down` of {copy.system}", say=say):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
