"""A log: can it be read? What its lines say is a signal's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from drillbook.judging.observation import Observation
from drillbook.probes.question import no, question, untold

if TYPE_CHECKING:
    from drillbook.probes.log.table import LogService
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service


@dataclass
class Log:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    service: Service
    readings: Readings
    up: str = "log.readable"

    @property
    def by(self) -> str:
        """What was read: the service's name, and the file or the container."""
        declared = cast("LogService", self.service.declared)
        return f"{self.service.name} {declared.file or f'container {declared.container}'}"

    @question
    def answers(self) -> Observation:
        """Whether it is there and can be read: yes; no where the disk does not answer."""
        failed = self.readings.first.get("error") or self.readings.first["failed"]
        if failed and failed["kind"] != "down":
            raise untold(failed)
        return no(failed["reason"]) if failed else Observation(True)
