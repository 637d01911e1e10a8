"""A mail server: does it greet us, how soon, may we log in, and does it take a mail?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from drillbook.judging.observation import Observation
from drillbook.probes.again import of_time
from drillbook.probes.question import Unmeasured, needs, no, question, untold

if TYPE_CHECKING:
    from drillbook.probes.measure import Readings
    from drillbook.probes.smtp.table import SmtpService
    from drillbook.system.target import Service

_GREETS, _KNOWS_US, _TAKES_US = 220, 250, 235
_REFUSED = (530, 534, 535, 538)
_ITS_OWN = re.compile(r"4\d\d[ -]4\.3\.[015]\b|452(?![ -]4\.)")  # its disk is full, its filter gone: RFC 3463, 5321
_POLICY = re.compile(r"\d{3}[ -][45]\.7\.")


@dataclass
class Smtp:
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    service: Service
    readings: Readings
    up: str = "smtp.up"

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        return f"{self.service.name} {self._found.get('by') or self.service.where}"

    @question
    def answers(self) -> Observation:
        """Whether it greets us (220) and answers EHLO (250): yes or no."""
        if "ehlo" not in self._found and (failed := self._failed):
            return _lost(failed)
        for key, right, what in (("greeting", _GREETS, "it greets with"), ("ehlo", _KNOWS_US, "EHLO is answered")):
            if self._found[key] != right:
                return self._turned_away(f"{what} {self._heard}")
        return Observation(True)

    def _turned_away(self, words: str) -> Observation:
        """No; Unmeasured where it says that it is for who we are, or how often we come (RFC 3463: X.7.X)."""
        if _POLICY.match(self._heard):
            raise Unmeasured(
                f"{words}: it is us whom it does not serve: ask it less often, or have it know our address"
            )
        return no(words)

    @question
    def greeting_time(self) -> Observation:
        """How long connection and greeting took, in ms."""
        needs(self.answers(), self.up)
        return of_time(self, "greeting", self._found, Smtp.greeting_time)

    @question
    def logs_in(self) -> Observation:
        """Whether it takes the login of the address, after STARTTLS where that is offered: yes or no."""
        needs(self.answers(), self.up)
        if not self._user:
            raise Unmeasured(f"${self._variable} names no user", applies=False)
        if "login" not in self._found and (failed := self._failed):
            return _lost(failed)
        code = self._found["login"]
        if code is None:
            offered = ", ".join(self._found["offered"]) or "none"
            raise Unmeasured(f"it offers no login by PLAIN or LOGIN (offered: {offered:.60}): is it another port's?")
        if code in _REFUSED:
            raise Unmeasured(f"login refused for {self.service.name} ({code}): check ${self._variable}")
        return Observation(True) if code == _TAKES_US else no(f"the login is answered {self._heard}")

    @question
    def takes_mail(self) -> Observation:
        """Whether it takes a small mail for delivery, after the login where there is one: yes or no."""
        if not self.service.mail:
            raise Unmeasured(f"services.{self.service.name}.mail says from and to whom no mail", applies=False)
        if "mail" not in self.service.writes:
            raise Unmeasured('no mail is sent here: [environments.NAME] would say writes = ["mail"]', applies=False)
        needs(self.answers(), self.up)
        if self._user:
            needs(self.logs_in(), "smtp.login")
        if "mail" not in self._found and (failed := self._failed):
            step = self._found.get("asking", "")
            return _lost(failed | {"reason": f"{step}{step and ': '}{failed['reason']}"})
        return self._taken(self._found["mail"])

    def _taken(self, answer: dict[str, Any]) -> Observation:
        if not answer["step"]:
            return Observation(True)
        words = f"{answer['step']} is answered {self._heard}"
        if answer["code"] in _REFUSED:
            raise Unmeasured(f"{words}: it wants a login or TLS: check ${self._variable}")
        if 400 <= answer["code"] < 500 and not _ITS_OWN.match(self._heard):
            raise Unmeasured(
                f"{words}: it may take it later, as greylisting does: run again, or have it know our address"
            )
        return no(words)

    @property
    def _found(self) -> dict[str, Any]:
        return self.readings.first

    @property
    def _heard(self) -> str:
        """The last line that it said: the greeting where that is none that we go on after, and so on."""
        return str(self._found["heard"])

    @property
    def _failed(self) -> dict[str, Any] | None:
        failed: dict[str, Any] | None = self._found.get("error") or self._found["failed"]
        return failed

    @property
    def _user(self) -> bool:
        return "@" in self.service.address

    @property
    def _variable(self) -> str:
        return cast("SmtpService", self.service.declared).url.env


def _lost(failed: dict[str, Any]) -> Observation:
    if failed["kind"] != "down":
        raise untold(failed)
    return no(failed["reason"])
