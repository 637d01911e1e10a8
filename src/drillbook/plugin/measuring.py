"""Measures, then lets judge: each source is read once, and counters twice in one shared wait, before any check runs.

Without xdist only the services that the selected checks speak of are read. With it the controller, which does not
know the selection, reads them all and hands the readings to its workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drillbook.common.inert import for_terminal
from drillbook.common.progress import nobody, under_way
from drillbook.judging.gate import REFUSED
from drillbook.plugin.content import only_looks
from drillbook.plugin.inquiry import is_for
from drillbook.plugin.spoken import chosen, kind_of, ours
from drillbook.probes.measure import Meter, Readings, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from drillbook.common.progress import Say
    from drillbook.plugin.inquiry import Inquiry
    from drillbook.system.target import Service

    Asked = list[tuple[Inquiry, Service]]

READINGS, RUN = "drillbook_readings", "drillbook_run"
MEASURING: pytest.StashKey[Measuring] = pytest.StashKey()


class Measuring:
    """Measures the services of all `inquiries` side by side, and gives each its readings.

    `late` says how many seconds of the last measuring we were late ourselves. `say` is told where measuring takes
    long; `meanwhile` is called where it only waits.
    """

    def __init__(self, inquiries: Sequence[Inquiry], interval: float, readings: dict[str, Any] | None) -> None:
        self.inquiries, self._interval = inquiries, interval
        self.say: Say = nobody
        self.meanwhile: Callable[[], None] = nothing
        self.refused = ""
        self.late = 0.0
        self._given = readings is not None
        self._asked: Asked = []
        self._meter: Meter | None = None
        for one in inquiries:
            plain = (readings or {}).get(one.target.name, {})
            one.readings |= {name: Readings.from_plain(its) for name, its in plain.items()}

    def again(self) -> None:
        """Reads the same services anew, their counters since the time before."""
        if self._meter:
            self._take(self._asked, self._meter)

    def of(self, inquiry: Inquiry, service: Service) -> Readings:
        """What was read from a service of that inquiry's; read now where the selection did not announce it."""
        if service.name not in inquiry.readings:
            asked = [(inquiry, service)]
            self._take(asked, self._meter_of(asked))
        return inquiry.readings[service.name]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Reads what the selected checks speak of, in the process that runs them."""
        if not self._given and not only_looks(session.config):
            self._asked = [*_spoken_of(session.items, self.inquiries)]
            self._meter = self._meter_of(self._asked)
            self._take(self._asked, self._meter)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hands the readings to an xdist worker; the first one to start has them made."""
        if not self._given and not only_looks(node.config):
            self._given = True
            asked = [(one, service) for one in self.inquiries for service in ours(one.target)]
            self._take(asked, self._meter_of(asked))
        node.workerinput[RUN] = self.inquiries[0].run
        node.workerinput[READINGS] = {
            one.target.name: {name: found.to_plain() for name, found in one.readings.items()} for one in self.inquiries
        }

    def _say_what_is_not_known(self, inquiry: Inquiry) -> None:
        """Says, once, why what other runs asked is not known."""
        lines = inquiry.memory.lines if inquiry.memory else []
        while lines:
            self.say(f"drillbook: {for_terminal(lines.pop(0))}")

    def _meter_of(self, asked: Asked) -> Meter:
        meter = Meter((), self._interval)
        for inquiry, service in asked:
            meter.join([service], inquiry.turns)
        return meter

    def _take(self, asked: Asked, meter: Meter) -> None:
        meter.meanwhile = self.meanwhile
        with under_way(f"measuring {', '.join(one.target.name for one in self.inquiries)}", say=self.say):
            found = meter.readings()
        self.late = meter.late
        for inquiry in self.inquiries:
            inquiry.taking.begin_round()
            self._say_what_is_not_known(inquiry)
        for (inquiry, service), readings in zip(asked, found, strict=True):
            inquiry.readings[service.name] = readings
            inquiry.asked[service.name] = inquiry.asked.get(service.name, 0) + readings.asked
        self.refused = " ".join(line for one in self.inquiries for line in _refusals(one))
        if self.refused:
            pytest.exit(self.refused, returncode=REFUSED)


def _refusals(inquiry: Inquiry) -> Iterator[str]:
    """A line for each service of production that we have logged in to as somebody who could write."""
    target = inquiry.target
    if target.kind != "production":
        return
    asked = [service for service in target.services.values() if service.name in inquiry.readings]
    for service in asked:
        if _can_write(service, inquiry.readings[service.name]):
            yield (
                f"refused: the role that logs in to {service.name} of {target.name} could write: "
                "give production a role that can only read"
            )


def _can_write(service: Service, readings: Readings) -> bool:
    """Whether the noun knows, of a login that it made, that it could change something."""
    return getattr(kind_of(service).ask(service, readings), "can_write", None) is True


def _spoken_of(items: list[pytest.Item], inquiries: Sequence[Inquiry]) -> Iterator[tuple[Inquiry, Service]]:
    """The services that the items speak of, as far as they are about the target."""
    for one in inquiries:
        names = {service.name for item in items if is_for(item, one.target) for service in chosen(item, one.target)}
        yield from ((one, service) for name, service in one.target.services.items() if name in names)
