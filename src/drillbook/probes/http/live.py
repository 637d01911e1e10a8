"""A page that a check of one's own asks for now, and what its JSON holds: a number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from drillbook.judging.observation import UNSAID, Observation
from drillbook.probes.http import signals
from drillbook.probes.live import freely
from drillbook.probes.question import Unmeasured, question
from drillbook.probes.runner import LONGER, run
from drillbook.probes.turn import left_alone
from drillbook.probes.values import single
from drillbook.system.paths import is_path

if TYPE_CHECKING:
    from drillbook.probes.live import Spend
    from drillbook.system.target import Service

_STEPS = 2  # a login may come first


@dataclass(eq=False)
class Got:
    """What `service` answered at `path`; or `why` it was not even asked. By itself it is neither true nor false."""

    service: Service
    path: str
    page: dict[str, Any] = field(default_factory=dict)
    why: Unmeasured | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError('a page is asked for what it holds: api.get("/path").at("$.field")')

    @property
    def by(self) -> str:
        """Who answered: the service's name and the address of the peer, or what was asked where nobody did."""
        return f"{self.service.name} {self.page.get('by') or self.service.where}"

    @property
    def status(self) -> int:
        """The status of the answer; Unmeasured where there is none."""
        return int(self._answer["status"])

    @property
    def text(self) -> str:
        """The body of the answer; Unmeasured where there is none."""
        return str(self._answer["body"])

    @question
    def at(self, where: str, *, unit: str = UNSAID) -> Observation:
        """The number, true or false at a JSON path; in the limit's unit, unless one is said."""
        page = self._answer
        found = signals.at(self.service, page, self.path, _checked(where))
        try:
            return Observation(single(found), unit, took=page["took"])
        except Unmeasured as error:
            raise Unmeasured(f"{self.path} {where}: {error.reason}") from None

    @property
    def _answer(self) -> dict[str, Any]:
        if self.why:
            raise self.why
        if self.page["error"]:
            raise Unmeasured(f"{self.path}: {self.page['error']['reason']}")
        return self.page


def got(service: Service, path: str, *, hangs: str, spend: Spend = freely) -> Got:
    """The page, asked for once, with the headers and the login that the file declares; not while another one hangs."""
    if not path.startswith("/"):
        return Got(service, path, why=Unmeasured(f"{path!r:.60} is no path of a page: it begins with /"))
    if hangs:
        return Got(service, path, left_alone(hangs))
    if told := signals.in_place_of(service, path):
        return Got(service, path, told)
    if why := signals.keeps_to_rounds(service, path) or spend(signals.steps(service)):
        return Got(service, path, why=Unmeasured(why))
    seconds = LONGER * _STEPS * service.declared.longest + 1
    return Got(service, path, run(signals.page_at(service, path), within=seconds))


def _checked(where: str) -> str:
    try:
        return is_path(where)
    except ValueError as error:
        raise Unmeasured(str(error)) from None
