"""The world that the visitors of a run share: where they turn, and what they draw."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from locust.env import Environment

if TYPE_CHECKING:
    from drillbook.load.generator.bounds import Bounds
    from drillbook.load.generator.loading import Loaded


class World(Environment):
    """Locust's environment without a runner, which would count every request a second time."""

    def __init__(self, loaded: Loaded, bounds: Bounds) -> None:
        super().__init__(host=bounds.host)
        self.bounds = bounds
        self.random = Random(f"{loaded.name} asks")  # noqa: S311 (the same in every run, on purpose)
        for kind in loaded.visitors:
            kind.host = bounds.host
