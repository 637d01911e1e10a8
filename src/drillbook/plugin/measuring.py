"""Measures, then lets judge: each source is read once, and counters twice in one shared wait, before any check runs.

Without xdist only the services that the selected checks speak of are read. With it the controller, which does not
know the selection, reads them all and hands the readings to its workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drillbook.gate import REFUSED
from drillbook.plugin.nouns import KINDS
from drillbook.probes.measure import Meter, Readings
from drillbook.probes.postgres import Postgres
from drillbook.progress import nobody, under_way

if TYPE_CHECKING:
    from drillbook.progress import Say
    from drillbook.target import Service, Target

READINGS = "drillbook_readings"


class Measuring:
    """Holds the readings of a run, by service; `asked` counts the requests, commands or queries each was sent.

    `say` is told where measuring takes long.
    """

    def __init__(self, target: Target, interval: float, readings: dict[str, Any] | None) -> None:
        self._target, self._interval = target, interval
        self.say: Say = nobody
        self.refused = ""
        self.asked: dict[str, int] = {}
        self.readings = {name: Readings.from_plain(plain) for name, plain in (readings or {}).items()}
        self._given = readings is not None
        self._meter: Meter | None = None

    def again(self) -> None:
        """Reads the same services anew, their counters since the time before."""
        if self._meter:
            self._take(self._meter)

    def of(self, service: Service) -> Readings:
        """What was read from `service`; read now where the selection did not announce it."""
        if service.name not in self.readings:
            self._take(Meter([service], self._interval))
        return self.readings[service.name]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Reads what the selected checks speak of, in the process that runs them."""
        if not self._given and not session.config.option.collectonly:
            self._meter = Meter(_spoken_of(session.items, self._target), self._interval)
            self._take(self._meter)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hands the readings to an xdist worker; the first one to start has them made."""
        if not self._given:
            self._given = True
            self._take(Meter(self._target.services.values(), self._interval))
        node.workerinput[READINGS] = {name: one.to_plain() for name, one in self.readings.items()}

    def _take(self, meter: Meter) -> None:
        with under_way(f"measuring {self._target.name}", say=self.say):
            found = meter.measure()
        self.readings |= found
        for name, readings in found.items():
            self.asked[name] = self.asked.get(name, 0) + readings.asked
        self.refused = self._refusal()
        if self.refused:
            pytest.exit(self.refused, returncode=REFUSED)

    def _refusal(self) -> str:
        if self._target.kind != "production":
            return ""
        asked = [service for service in self._target.services.values() if service.name in self.readings]
        writers = [service for service in asked if _can_write(service, self.readings[service.name])]
        return " ".join(
            f"refused: the role that logs in to {service.name} of {self._target.name} could write: "
            "give production a role that can only read"
            for service in writers
        )


def _can_write(service: Service, readings: Readings) -> bool:
    return service.kind == "postgres" and Postgres(service, readings).can_write is True


def _spoken_of(items: list[pytest.Item], target: Target) -> list[Service]:
    names = {name for item in items for name in getattr(item, "fixturenames", ())}
    kinds = {kind for noun, kind in KINDS.items() if noun in names}
    return [service for service in target.services.values() if service.kind in kinds]
