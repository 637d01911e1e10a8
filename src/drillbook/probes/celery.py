"""A Celery application, seen through its Redis broker: how much is waiting, and is anybody working?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from drillbook.observation import Observation
from drillbook.probes.question import Unmeasured, needs, number, question
from drillbook.probes.redis import refused

if TYPE_CHECKING:
    from drillbook.probes.measure import Readings
    from drillbook.system import CeleryService
    from drillbook.target import Service


@dataclass
class Queue:
    """What `readings` of `service` answer. `up` is the name of the limit that judges whether the broker answers."""

    service: Service
    readings: Readings
    up: str = "redis.up"

    @property
    def by(self) -> str:
        """Who answered: the broker's name and the address of the peer, or what was asked where nobody did."""
        peer = self.readings.first.get("by") or self.service.where
        return f"{self._declared.broker} {peer}"

    @question
    def depth(self) -> Observation:
        """Jobs waiting or delivered and not acknowledged, in jobs: all priorities of all declared queues."""
        self._broker_answers()
        lengths, unacked = self.readings.first["lengths"], self.readings.first["unacked"]
        waiting = sum(number(length, f"the length of {key!r}") for key, length in lengths.items())
        return Observation(waiting + number(unacked, "the length of unacked"), "jobs")

    @question
    def workers(self) -> Observation:
        """Workers that take jobs from the broker, in workers: the larger number of two looks.

        A worker is a client whose last command was BRPOP: it waits there for its next job, and while its hands
        are full it has asked nothing else since.
        """
        self._broker_answers()
        looks = [self._taking(reading) for reading in (self.readings.first, self.readings.second)]
        seen = [look for look in looks if look is not None]
        if not seen:
            lost = (
                self.readings.first.get("lost") or self.readings.second.get("failed") or {"reason": "it was not read"}
            )
            raise Unmeasured(f"CLIENT LIST: {lost['reason']}")
        return Observation(float(max(seen)), "workers")

    @property
    def _declared(self) -> CeleryService:
        return cast("CeleryService", self.service.declared)

    def _broker_answers(self) -> None:
        needs(self._broker(), self.up)

    @question
    def _broker(self) -> Observation:
        broker = self._declared.broker
        return refused(self.readings.first, broker, f"check the url of {broker}") or Observation(True)

    def _taking(self, reading: dict[str, Any]) -> int | None:
        """How many clients of the broker's database take jobs; None where that was not read."""
        if "clients" not in reading:
            return None
        database = urlsplit(self.service.address).path.strip("/") or "0"
        return len([one for one in reading["clients"] if one["cmd"] == "brpop" and one["db"] == database])
