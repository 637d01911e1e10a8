"""A port that speaks TLS: is its certificate good, by whom, for this host, and for how long?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drillbook.judging.observation import Observation
from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured, needs, no, number, question, untold

if TYPE_CHECKING:
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service

_NO_ISSUER_HERE = (2, 19, 20, 21)  # OpenSSL: its authority is not in the store, which may be the store's fault
_OTHER_NAME = (62, 64)  # OpenSSL: another host name, another IP address


@dataclass
class Tls:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    service: Service
    readings: Readings
    up: str = "tls.up"

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        return f"{self.service.name} {self.readings.first.get('by') or self.service.where}"

    @question
    def answers(self) -> Observation:
        """Whether a TLS handshake can be done, whatever the certificate: yes or no."""
        failed = self.readings.first.get("error") or self.readings.first["failed"]
        if failed and failed["kind"] != "down":
            raise untold(failed)
        return no(failed["reason"]) if failed else Observation(True)

    @question
    def days_left(self) -> Observation:
        """For how many days the certificate is still valid; negative where it has expired."""
        found = self._found()
        if found["days"] is None:
            raise Unmeasured(f"its certificate cannot be read: {said(found.get('odd', 'no reason is given'))}")
        return Observation(number(found["days"], "the time until it expires", signed=True), "days")

    @question
    def trusted(self) -> Observation:
        """Whether this machine's trust store, or SSL_CERT_FILE, vouches for it now: yes or no, and OpenSSL's reason."""
        against = self._found()["chain"]
        if not against:
            return Observation(True)
        if nothing := self._found().get("without_a_store"):
            raise Unmeasured(nothing)
        if against["code"] in _NO_ISSUER_HERE:
            raise Unmeasured(
                f"its authority is not known here ({said(against['why'])}): set SSL_CERT_FILE to the right CA, "
                "or have it send its intermediate certificates"
            )
        return no(said(against["why"]))

    @question
    def named(self) -> Observation:
        """Whether the certificate is for the host that was asked, by its alternative names: yes or no."""
        against = self._found()["name"]
        if not against:
            return Observation(True)
        if against["code"] not in _OTHER_NAME:
            raise Unmeasured(f"its certificate cannot be read: {said(against['why'])}")
        return no(f"its certificate is not for {urlsplit(self.service.address).hostname}")

    def _found(self) -> dict[str, Any]:
        needs(self.answers(), self.up)
        return self.readings.first
