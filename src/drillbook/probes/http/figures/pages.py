"""A metrics page as it was read: once before the interval, twice at its beginning and twice at its end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.probes.http.answers import login_refused, not_too_often
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from drillbook.probes.http.figures.table import Metrics
    from drillbook.probes.measure import Readings
    from drillbook.system.target import Service

NOBODY_VISITS = 'where nobody visits, write traffic = "ours" in [environments.NAME]'
AT_ONCE = 0.05  # seconds that we may need from one reading to the next


@dataclass(frozen=True)
class Pages:
    """The readings of the metrics page of `service`."""

    service: Service
    declared: Metrics
    readings: Readings

    @property
    def first(self) -> str:
        """The page at the beginning of the interval; Unmeasured says why there is none."""
        return self._body(self.readings.first)

    @property
    def second(self) -> str:
        """The page at the end of the interval; Unmeasured says why there is none."""
        return self._body(self.readings.second)

    @property
    def seconds(self) -> float:
        """How long the interval was."""
        if self.readings.seconds <= 0:
            raise Unmeasured("the counters were read only once")
        return self.readings.seconds

    @property
    def before(self) -> str | None:
        """The page before our own requests, which came before the interval; None where it was not read."""
        return self._text(self.readings.first.get("before"))

    @property
    def ours(self) -> int:
        """How many endpoints served us between `before` and `first`."""
        return int(self.readings.first.get("served", 0))

    def read(self) -> tuple[list[str], list[str]]:
        """The page at either end of the interval, each read once, or twice one directly after the other."""
        first, second = (
            [body, *([again] if (again := self._text(reading.get("again"))) else [])]
            for body, reading in ((self.first, self.readings.first), (self.second, self.readings.second))
        )
        return first, second

    @property
    def apart(self) -> float:
        """How many seconds at most lay between two readings that followed each other directly."""
        took = [one["again"]["took"] for one in (self.readings.first, self.readings.second) if one.get("again")]
        return AT_ONCE + max(took, default=0.0)

    def want(self, key: str) -> str:
        """The name that the file gives to `key`; where it gives none, that is not applicable."""
        name = getattr(self.declared, key)
        if not name:
            raise self.undeclared(key)
        return str(name)

    def undeclared(self, key: str) -> Unmeasured:
        """That the file does not say it."""
        return Unmeasured(f"system.toml declares no metrics.{key} for {self.service.name}", applies=False)

    def some(self, count: float) -> None:
        """Unmeasured where nothing was counted in the interval."""
        if count <= 0:
            raise Unmeasured(self.none, idle=True)

    @property
    def none(self) -> str:
        """That nothing was counted in the interval."""
        return f"no traffic in {self.seconds:.1f} s: {NOBODY_VISITS}"

    def _body(self, reading: dict[str, Any]) -> str:
        page, path = reading.get("metrics"), self.declared.path
        if page is None:
            lost = reading.get("lost") or reading.get("error") or {"reason": "they were not read"}
            raise Unmeasured(f"{path}: {lost['reason']}")
        if page["error"]:
            raise Unmeasured(f"{path}: {page['error']['reason']}")
        not_too_often(self.service, page, path)
        if page["status"] != 200:
            refused = login_refused(self.service, page["status"], path, self.declared)
            elsewhere = f"{path} answered {page['status']}: are the metrics of {self.service.name} elsewhere?"
            raise Unmeasured(refused or elsewhere)
        return _unwrapped(str(page["body"]))

    def _text(self, page: dict[str, Any] | None) -> str | None:
        return _unwrapped(str(page["body"])) if page and not page["error"] and page["status"] == 200 else None


def _unwrapped(body: str) -> str:
    """The page itself, where a framework has sent it as one JSON string."""
    if not body.lstrip().startswith('"'):
        return body
    try:
        inside = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return inside if isinstance(inside, str) else body
