"""The one way in which anything is removed: by label and name, again and again, until nothing of the kind turns up.

One thing at a time. Where two containers leave a network at once while somebody lists networks, an engine (20.10 does)
can miscount who is on it, and then refuses to remove that network ("has active endpoints") until it is restarted.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.supervisor.things import listed, remove

if TYPE_CHECKING:
    from drillbook.supervisor.things import Thing

DEADLINE = 60.0
PAUSE = 0.1


@dataclass(frozen=True)
class Removal:
    """What was removed, and what could not be: a name a line, `container x`, `process 12`, with the reason."""

    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def __add__(self, other: Removal) -> Removal:
        return Removal(self.removed + other.removed, self.left + other.left)


def remove_labelled(client: Any, *labels: str, deadline: float = DEADLINE, quiet: float = 0.0) -> Removal:
    """Removes everything of ours that carries all of `labels`, until nothing of it was seen for `quiet` seconds.

    What carries them and is not named after its run is not ours, and stays.
    A network that is still in use or a removal under way is tried again, until `deadline` seconds have passed.
    """
    if not labels or not all(labels):
        raise ValueError("a label is needed")
    return _Removing(client, labels).go_on(until=time.monotonic() + deadline, quiet=quiet)


class _Removing:
    def __init__(self, client: Any, labels: tuple[str, ...]) -> None:
        self.client = client
        self.labels = labels
        self.seen: dict[Thing, str] = {}  # with the reason why the last attempt failed
        self.silence = ""

    def go_on(self, *, until: float, quiet: float) -> Removal:
        calm_since: float | None = None
        while True:
            there = self._there()
            now = time.monotonic()
            if there is None or there:
                calm_since = None
            elif calm_since is None:
                calm_since = now
            if calm_since is not None and now - calm_since >= quiet:
                return self._result([])
            if now >= until:
                return self._result(there)
            self._remove(there or [])
            time.sleep(PAUSE)

    def _there(self) -> list[Thing] | None:
        """What of ours carries the labels now; None where the engine does not say."""
        try:
            return [thing for thing in listed(self.client, *self.labels) if thing.is_named_after_its_run]
        except Exception as error:  # whatever keeps the engine from answering may be over in a moment
            self.silence = type(error).__name__
            return None

    def _remove(self, there: list[Thing]) -> None:
        """Tries to remove what is there, containers first, for they use the rest."""
        for thing in there:
            self.seen[thing] = remove(self.client, thing)

    def _result(self, there: list[Thing] | None) -> Removal:
        if there is None:
            unsure = f"whatever carries the label {' and '.join(self.labels)}: the engine said {self.silence}"
            return Removal((), (unsure, *map(str, self.seen)))
        left = dict.fromkeys(there)
        gone = tuple(str(thing) for thing in self.seen if thing not in left)
        return Removal(gone, tuple(_with_reason(thing, self.seen.get(thing, "")) for thing in left))


def _with_reason(thing: Thing, reason: str) -> str:
    return f"{thing} ({reason})" if reason else str(thing)
