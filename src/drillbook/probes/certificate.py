"""The certificate of a service that is asked by TLS, whatever its kind: looked at beside what its kind reads anyway."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from drillbook.probes.turns import turn_of
from drillbook.system.kinds import CHAIN, DAYS_LEFT, NAME, TLS, kinds

if TYPE_CHECKING:
    from drillbook.system.target import Service

    Reading = dict[str, Any]

CERTIFICATE = "certificate"


async def with_certificate(service: Service, facts: Reading) -> Reading:
    """The facts with what a handshake says of the service's certificate, in `certificate`, where it is looked at.

    What is not told because we do not trust it names as the cause what is wrong with it. What hangs is left alone.
    """
    if not cost(service) or "error" in facts:
        return facts
    turn = turn_of(service)
    if unasked := turn.instead(CERTIFICATE):
        return facts | {"certificate": {"failed": unasked["error"]}}
    found = await kinds()[TLS].reading.facts(replace(service, address=service.certificate))
    turn.hear_of(CERTIFICATE, found["failed"], asked="its certificate")
    told: Reading = _blamed(facts, cause) if (cause := _cause(found)) else facts
    return told | {"certificate": found, "asked": facts.get("asked", 0) + found.pop("asked")}


def cost(service: Service) -> int:
    """How many handshakes that is in one round, all going well: none of our own go around a proxy."""
    return 1 if service.certificate and not service.proxy else 0


def _cause(found: Reading) -> str:
    """The limit that says what is wrong with a certificate; empty where nothing is."""
    if (found.get("days") or 0.0) < 0:
        return DAYS_LEFT
    return next((limit for limit, key in ((CHAIN, "chain"), (NAME, "name")) if found.get(key)), "")


def _blamed(told: Any, cause: str) -> Any:
    """The same, with that cause behind each failure that is for want of trust in the certificate."""
    if not isinstance(told, dict):
        return told
    because = {"because": cause} if told.get("untrusted") else {}
    return {name: _blamed(value, cause) for name, value in told.items()} | because
