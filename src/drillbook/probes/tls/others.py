"""The certificate of a service of another kind, which is asked by TLS: is it good, by whom, and for how long?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from drillbook.probes.question import Unmeasured, needs, question
from drillbook.probes.tls import KIND
from drillbook.probes.tls.noun import Tls
from drillbook.system.kinds import CHAIN, DAYS_LEFT

if TYPE_CHECKING:
    from drillbook.judging.observation import Observation
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service

THROUGH_A_PROXY = "it is asked through a proxy, and a handshake of our own would go around that"
ITS_OWN_TRUST = "whom to trust there its address says itself (ssl_…)"
UNASKED = {"failed": {"reason": "it was not asked for"}}


class Noun(Protocol):
    """The noun of a service of any kind."""

    service: Service
    readings: Readings
    up: str

    def answers(self) -> Observation:
        """Whether it is up: yes or no."""


@dataclass
class Certificate:
    """What was found of the certificate of the service that `noun` stands for."""

    noun: Noun
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.service = self.noun.service

    @property
    def readings(self) -> Readings:
        """What was read of that service."""
        return self.noun.readings

    @property
    def by(self) -> str:
        """Who shows it: the service's name, and where it is."""
        return f"{self.service.name} {self.service.where}"

    @question
    def judged(self, limit: str) -> Observation:
        """What the limit of that name judges of a port of kind `tls`."""
        if self.service.proxy:
            raise Unmeasured(THROUGH_A_PROXY, applies=False)
        if limit != DAYS_LEFT and "ssl_" in urlsplit(self.service.address).query:
            raise Unmeasured(ITS_OWN_TRUST, applies=False)
        found = self.noun.readings.first.get("certificate", UNASKED)
        if found["failed"]:
            needs(self.noun.answers(), self.noun.up)
            raise Unmeasured(f"its certificate was not seen: {found['failed']['reason']}")
        if limit == CHAIN and (found["days"] or 0.0) < 0:
            raise Unmeasured(f"{DAYS_LEFT} is red: it has expired", because=DAYS_LEFT)
        port = Tls(self.service, replace(self.noun.readings, first=found))
        answer: Observation = getattr(port, KIND.asks[limit])()
        return answer
