"""`drillbook sweep`: removes what runs left whose supervisor did not live to clear it away: the machine crashed, say.

Never by image or age: only what carries our labels, names an owner that is known to be dead, and is named after its
run as all is that we make. Labels alone prove nothing: a container started from a committed one inherits them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drillbook.common.mistakes import Mistakes
from drillbook.common.progress import under_way
from drillbook.supervisor.clearing import Remains, clear
from drillbook.supervisor.folder import folder_of, folders
from drillbook.supervisor.owner import LABEL, OWNER_LABEL, Fate, Owner, read_owner
from drillbook.supervisor.things import UP, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drillbook.common.progress import Say
    from drillbook.supervisor.removal import Removal
    from drillbook.supervisor.things import Thing


def sweep(say: Say) -> int:
    """Removes what dead owners left, a line each, and says how much that was; Mistakes where the engine is remote.

    What cannot be judged is left alone, and said.
    """
    from drillbook.doctor import engine

    with under_way("asking the docker engine", say=say):
        client = engine.connect()
        address = engine.look().address
    if not address.startswith("unix://"):
        raise Mistakes(
            [f"the engine at {address} is not this machine's: run `drillbook sweep` on the engine's machine"]
        )
    return sweep_with(client, say)


def sweep_with(client: Any, say: Say) -> int:
    """As `sweep`, on the engine of `client`, which must be this machine's."""
    things = listed(client, OWNER_LABEL)
    for line in _left_alone(things):
        say(line)
    dead = _dead(things)
    cleared: list[Removal] = []
    with under_way("sweeping", say=say, now=lambda: f"{len(cleared)} of {len(dead)} dead runs cleared away"):
        cleared.extend(clear(remains, (), client=client, quiet=0) for remains in dead)
    for line in _told(cleared):
        say(line)
    return sum(len(one.removed) for one in cleared)


def judged(thing: Thing) -> Fate:
    """Whether the owner of `thing` lives; UNKNOWN also where `thing` is no run's or whose it is cannot be proven."""
    owner = _owner(thing)
    return owner.fate() if owner else Fate.UNKNOWN


def _owner(thing: Thing) -> Owner | None:
    run = thing.labels.get(LABEL, "")
    ours = thing.is_named_after_its_run and not run.startswith(UP)
    return read_owner(thing.labels.get(OWNER_LABEL, "")) if ours else None


def _left_alone(things: Iterable[Thing]) -> Iterator[str]:
    for thing in things:
        if judged(thing) is Fate.UNKNOWN:
            yield f"left alone: {thing}: {_why(thing)}"


def _why(thing: Thing) -> str:
    if thing.is_named_after_its_run:
        return "whether its owner lives cannot be told"
    return "it carries our labels, and is not named as what we make"


def _dead(things: Iterable[Thing]) -> list[Remains]:
    """What there is to clear away: by run and owner, and the folders of dead owners that left nothing else."""
    owned = {(thing.labels.get(LABEL, ""), _owner(thing)) for thing in things}
    runs = [(run, owner) for run, owner in owned if owner and owner.fate() is Fate.DEAD]
    found = [Remains(str(owner), _labels(run, owner), folder_of(owner)) for run, owner in runs]
    known = {remains.folder for remains in found}
    alone = [(path, owner) for path, owner in folders() if path not in known and owner.fate() is Fate.DEAD]
    return [*found, *(Remains(str(owner), (), path) for path, owner in alone)]


def _labels(run: str, owner: Owner) -> tuple[str, str]:
    return f"{LABEL}={run}", f"{OWNER_LABEL}={owner}"


def _told(cleared: list[Removal]) -> Iterator[str]:
    yield from (f"removed {name}" for one in cleared for name in one.removed)
    yield from (f"could not be removed: {name}" for one in cleared for name in one.left)
    if not any(one.removed or one.left for one in cleared):
        yield "nothing to sweep"
