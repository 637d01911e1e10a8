"""Clears away a run: its processes, then everything that carries its label, then its temporary folder.

The supervisor does this when the run has ended, the run where its supervisor was killed, `sweep` where both were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.supervisor.ending import end_processes
from drillbook.supervisor.folder import remove_folder
from drillbook.supervisor.removal import DEADLINE, Removal, remove_labelled

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from drillbook.supervisor.ending import Registered

# How long nothing may turn up: a request to create something may be under way when its sender is killed.
QUIET = 3.0
# Where the run says that nothing is under way, one more look is enough.
SETTLED = 0.3
ENGINE_SECONDS = 15


@dataclass(frozen=True)
class Remains:
    """What there may be of a run: the mark of its processes, its labels (none: nothing on the engine), its folder."""

    mark: str
    labels: tuple[str, ...]
    folder: Path


def clear(remains: Remains, registered: Collection[Registered], *, client: Any, quiet: float = QUIET) -> Removal:
    """Clears the run away with an engine's `client`, or None where no engine answers; says what is left."""
    ended, still = end_processes(remains.mark, registered)
    processes = Removal(_processes(ended), _processes(still))
    return processes + _on_the_engine(remains.labels, client, quiet) + _folder(remains.folder)


def _processes(pids: list[int]) -> tuple[str, ...]:
    return tuple(f"process {pid}" for pid in pids)


def _on_the_engine(labels: tuple[str, ...], client: Any, quiet: float) -> Removal:
    if not labels:
        return Removal()
    if client is None:
        return Removal(left=(f"whatever carries the label {' and '.join(labels)}: no engine answers",))
    return remove_labelled(client, *labels, deadline=DEADLINE, quiet=quiet)


def _folder(folder: Path) -> Removal:
    if not folder.exists():
        return Removal()
    name = (f"folder {folder}",)
    return Removal(name) if remove_folder(folder) else Removal(left=name)
