"""A Loki: is it ready, and does it answer queries?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.probes.loki.answer import samples
from drillbook.probes.loki.reading import QUERY, READY
from drillbook.probes.prometheus.server import Server
from drillbook.probes.question import question

if TYPE_CHECKING:
    from drillbook.judging.observation import Observation


@dataclass
class Loki(Server):
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    up: str = "loki.up"

    @question
    def answers(self) -> Observation:
        """Whether it is ready, where it says so, and answers queries: yes or no."""
        return self._serves(READY, QUERY, samples, "one and one")
