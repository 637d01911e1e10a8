"""Arrivals: when each is due, who comes, and what for. The same profile gives the same arrivals in every run."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drillbook.load.generator.loading import Loaded
    from drillbook.load.generator.visitor import Visitor

    Task: TypeAlias = Callable[[Any], Any]

_AT_A_TIME = 256


class Arrival(NamedTuple):
    """Somebody who comes at the moment `due` to do `task`; the generator could begin with it from `ready` on."""

    due: float
    ready: float
    kind: type[Visitor]
    task: Task

    @property
    def name(self) -> str:
        """What its samples are called where no request gives them a name."""
        return f"task {self.task.__name__}"


def arrivals(loaded: Loaded, started: float) -> Iterator[Arrival]:
    """Each arrival of the profile, in order, for a run that started at the moment `started`."""
    for due, (kind, task) in zip(loaded.profile.due(), _chosen(loaded), strict=False):
        yield Arrival(started + due, started + due, kind, task)


def _chosen(loaded: Loaded) -> Iterator[tuple[type[Visitor], Task]]:
    """Who comes and what for, without end: by the weights of visitors and of their tasks, as Locust takes them."""
    choices = [(kind, cast("Task", task)) for kind in loaded.visitors for task in kind.tasks]
    weights = [*accumulate(kind.weight / len(kind.tasks) for kind, _ in choices)]
    random = Random(loaded.name)  # noqa: S311 (the same in every run, on purpose)
    while True:
        yield from random.choices(choices, cum_weights=weights, k=_AT_A_TIME)
