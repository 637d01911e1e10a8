"""What nouns of servers have in common that answer queries as a Prometheus does: who answered, and whether at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.judging.observation import Observation
from drillbook.probes.http.answers import status_line
from drillbook.probes.question import no, untold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drillbook.probes.measure import Readings
    from drillbook.probes.page import Page
    from drillbook.probes.prometheus.answer import Sample
    from drillbook.system.target import Service


@dataclass
class Server:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    service: Service
    readings: Readings
    up: str

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        peers = [page["by"] for page in self.readings.first.get("answers", {}).values() if page["by"]]
        return f"{self.service.name} {peers[0] if peers else self.service.where}"

    def _serves(
        self, ready: str, query: str, samples: Callable[[Service, Page, str], Iterable[Sample]], what: str
    ) -> Observation:
        """Whether these two paths are answered, and by `samples` the query for `what`: yes or no."""
        if "error" in self.readings.first:
            raise untold(self.readings.first["error"])
        for name, path in (("ready", ready), ("query", query)):
            page = self.readings.first["answers"][name]
            if page["error"] and page["error"]["kind"] != "down":
                raise untold(page["error"])
            if page["error"]:
                return no(f"{path}: {page['error']['reason']}")
            if page["status"] >= 500:
                return no(status_line(page, path))
        samples(self.service, page, what)
        return Observation(True)
