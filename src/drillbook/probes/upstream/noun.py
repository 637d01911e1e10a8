"""Somebody else's service: is it there for us? One answer to all that its table declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.probes.http.noun import Http
from drillbook.probes.question import question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.judging.observation import Observation


@dataclass
class Upstream(Http):
    """What `readings` of `service` answer. `up` is the name of the limit that judges `well()`."""

    up: str = "upstream.up"

    @question
    def well(self) -> Observation:
        """Whether it answers, says that it is well, and serves all endpoints: yes or no, and what is not so."""
        found = [one for one in self._asked() if one.applies]
        no = [one for one in found if one.value is False]
        unknown = [one for one in found if one.value is None]
        return [*no, *unknown, *found][0]

    def _asked(self) -> Iterator[Observation]:
        yield from (self.answers(), self.ready(), self.healthy())
        yield from map(self.part, self.parts)
        yield from map(self.serves, self.endpoints)
