"""The ledgers of a drill and its traffic: clients that write and read throughout, and what became of it."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from drillbook.common.mistakes import Mistakes
from drillbook.drills.ledger.traffic import Stream, Traffic
from drillbook.drills.ledger.visitor import Visitor, endpoints_of
from drillbook.drills.ledger.writer import History, Writer
from drillbook.judging.limit import duration
from drillbook.system.elsewhere import DRILL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.drills.ledger.exchange import Exchange
    from drillbook.drills.ledger.history import Account
    from drillbook.drills.ledger.readback import Reading
    from drillbook.system.target import Target

READS_A_SECOND = 5.0
Counts = dict[str, dict[str, int]]


class Ledgers:
    """Writes what the system file's ledgers declare and reads the declared endpoints, from `start` to `stop`.

    `run` names the run in every key. Mistakes where `target` is not a drill's own, or its services are not on
    this machine: clients that write must not meet anybody's data.
    """

    def __init__(self, target: Target, run: str, *, reads_a_second: float = READS_A_SECOND) -> None:
        refuse_all_but_a_drill(target)
        self._target, self._reads = target, reads_a_second
        self._declared = target.system.ledgers
        mine = f"{run}-{secrets.token_hex(3)}"  # so that two drills of a run do not read each other's
        self._prefixes = {name: f"{mine}-{name}-" for name in self._declared}
        self._histories = {name: History() for name in self._declared}
        self._logged_in = dict(target.services)
        self._exchanges: dict[tuple[str, str], Exchange] = {}  # by service and endpoint
        self.traffic = Traffic()

    def start(self) -> None:
        """Begins to write and to read; once."""
        from drillbook.drills.ledger.exchange import Exchange
        from drillbook.probes.http.login import LoggedIn, for_clients, headers
        from drillbook.probes.http.table import ENDPOINT

        http = {name: one for name, one in self._target.services.items() if one.kind == "http"}
        self._logged_in = {name: replace(one, headers=for_clients(one)) for name, one in http.items()}
        self._exchanges = {(name, ""): Exchange(one.address, one.headers) for name, one in self._logged_in.items()}
        for service, name, _ in endpoints_of(self._target):
            own = headers(self._logged_in[service.name], f"{ENDPOINT}{name}", LoggedIn())
            self._exchanges[service.name, name] = Exchange(service.address, own)
        self.traffic.start([*self._writers(), *self._readers()], self._finish)

    def stop(self) -> None:
        """Ends it: at most about 2.5 s, in which what is under way may still be answered."""
        self.traffic.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, acknowledged: int, *, within: float, beyond: Counts | None = None) -> bool:
        """Whether every ledger has so many acknowledged, waiting `within` seconds for it.

        With `beyond`, earlier `counts`, so many more than it had then.
        """
        until = time.monotonic() + within
        had = {name: counts["ok"] for name, counts in (beyond or {}).items()}
        waits = [
            history.wait_for(had.get(name, 0) + acknowledged, within=until - time.monotonic())
            for name, history in self._histories.items()
        ]
        return all(waits)

    def counts(self) -> Counts:
        """By ledger, how many writes are `ok`, `maybe` (or under way) and `fail` so far."""
        return {name: history.counts() for name, history in self._histories.items()}

    def account(self, *, within: float | None = None) -> dict[str, Account]:
        """Reads every ledger back now, and says what it comes to.

        What is acknowledged from now on is not judged, so the traffic may go on. It takes until each ledger has
        settled, or `within` seconds, and the time of the last reading. With a `within` shorter than the time to
        settle, what was acknowledged less than that time before the end is not judged either.
        """
        return asyncio.run(self._account(within))

    async def _account(self, within: float | None) -> dict[str, Account]:
        found = await asyncio.gather(*(self._reading(name).account(within=within) for name in self._declared))
        return dict(zip(self._declared, found, strict=True))

    def _reading(self, name: str) -> Reading:
        from drillbook.drills.ledger.readback import Reading

        declared = self._declared[name]
        service = self._logged_in[declared.write.service]
        return Reading(name, declared, service, self._histories[name], self._prefixes[name])

    def _writers(self) -> Iterator[Stream]:
        for name, declared in self._declared.items():
            exchange = self._exchanges[declared.write.service, ""]
            writer = Writer(declared.write, exchange, self._histories[name], prefix=self._prefixes[name])
            yield Stream(name, "write", duration(declared.write.every), writer.write)

    def _readers(self) -> Iterator[Stream]:
        endpoints = list(endpoints_of(self._target))
        for number, (service, name, endpoint) in enumerate(endpoints):
            visitor = Visitor(service, endpoint, self._exchanges[service.name, name])
            every = len(endpoints) / self._reads
            yield Stream(name, "read", every, visitor.read, after=number / self._reads)

    async def _finish(self) -> None:
        for exchange in self._exchanges.values():
            await exchange.close()


def refuse_all_but_a_drill(target: Target) -> None:
    """Mistakes unless `target` is a drill's own, with every service that is written to on this machine."""
    from drillbook.system.consistent import ledger_mistakes

    if wrong := list(ledger_mistakes(target.system)):
        raise Mistakes(wrong)
    if target.kind != DRILL:
        raise Mistakes([f"{target.name} is {target.kind}: ledgers write, and only a drill's own copy is written to"])
    written = dict.fromkeys(one.write.service for one in target.system.ledgers.values())
    far = [name for name in written if not _is_here(target.services[name].address)]
    if far:
        raise Mistakes([f"{target.name}: {name} is not on this machine, so no drill started it" for name in far])


def _is_here(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
