"""Reads on behalf of clients: the declared endpoints, judged as the checks judge them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.drills.ledger.traffic import SECONDS, Told
from drillbook.probes.http import answers
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.drills.ledger.exchange import Exchange
    from drillbook.probes.http.pages import Endpoint
    from drillbook.probes.http.table import HttpService
    from drillbook.system.target import Service, Target


class Visitor:
    """Asks for one endpoint as users do, and judges the answer as the checks do."""

    def __init__(self, service: Service, endpoint: Endpoint, exchange: Exchange) -> None:
        self._service, self._endpoint, self._exchange = service, endpoint, exchange

    async def read(self) -> Told:
        """Asks once."""
        answer = await self._exchange.get(self._endpoint.path, seconds=SECONDS)
        try:
            served = answers.served(self._service, answer.page, self._endpoint)
        except Unmeasured as error:
            return Told(answer.status, error.reason, ok=False)
        return Told(answer.status, served.reason, served.value is True)


def endpoints_of(target: Target) -> Iterator[tuple[Service, str, Endpoint]]:
    """Every endpoint that the file declares, with its service and its name."""
    for service in target.services.values():
        if service.kind == "http":
            declared: HttpService = service.declared  # type: ignore[assignment]
            yield from ((service, name, endpoint) for name, endpoint in declared.endpoints.items())
