"""The load profiles of a run, as the journal tells them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drillbook.report.page.seconds import Second, in_order, second_of

if TYPE_CHECKING:
    from drillbook.report.page.facts import Facts

QUANTILES = ("p50", "p95", "p99", "max")


@dataclass(frozen=True)
class Ramp:
    """Arrivals that change evenly to `to` requests a second within so many seconds."""

    to: float
    seconds: float


@dataclass(frozen=True)
class Named:
    """What one kind of request came to; `quantiles` are in ms, in the order of QUANTILES, None unserved."""

    name: str
    requests: int
    errors: int
    quantiles: tuple[float | None, ...]


@dataclass(frozen=True)
class Reason:
    """Why requests failed, and how often."""

    name: str
    reason: str
    count: int


@dataclass(frozen=True)
class Done:
    """What a whole profile came to, and how its generator was: `on_time` and `cpu` are parts of one."""

    asked: int
    sent: int
    served: int
    seconds: float | None
    on_time: float | None
    cpu: float | None
    late_p95: float | None
    all: Named
    names: list[Named]
    reasons: list[Reason]


@dataclass
class Load:
    """One profile; `done` is None where the run ended in the middle of it."""

    profile: str
    check: str = ""
    about: str = ""
    runbook: str = ""
    asked: int = 0
    held_to: list[str] = field(default_factory=list)
    arrivals: list[Ramp] = field(default_factory=list)
    seconds: list[Second] = field(default_factory=list)
    done: Done | None = None

    @property
    def traffic(self) -> list[Second]:
        """The seconds of traffic, told from the first one on."""
        return in_order(self.seconds, zero=min((one.t for one in self.seconds), default=0.0))

    def take(self, line: Facts) -> None:
        """Takes in a line that belongs to this profile."""
        if line.kind == "traffic":
            self.seconds += filter(None, [second_of(line)])
        elif line.kind == "loaded":
            self.done = _done(line)
        elif line.kind == "load":
            self._begin(line)

    def _begin(self, line: Facts) -> None:
        self.check, self.about, self.runbook = line.text("check"), line.text("about"), line.text("runbook")
        self.asked, self.held_to = line.count("asked"), line.texts("held_to")
        self.arrivals = [Ramp(ramp.amount("to") or 0, ramp.amount("seconds") or 0) for ramp in line.tables("arrivals")]


def _done(line: Facts) -> Done:
    return Done(
        asked=line.count("asked"),
        sent=line.count("sent"),
        served=line.count("served"),
        seconds=line.amount("seconds"),
        on_time=line.amount("on_time"),
        cpu=line.amount("cpu"),
        late_p95=line.amount("late_p95"),
        all=_named(line, "all requests"),
        names=[_named(table, table.text("name")) for table in line.tables("names")],
        reasons=[Reason(one.text("name"), one.text("reason"), one.count("count")) for one in line.tables("reasons")],
    )


def _named(table: Facts, name: str) -> Named:
    quantiles = tuple(table.amount(key) for key in QUANTILES)
    return Named(name, table.count("requests"), _errors(table), quantiles)


def _errors(table: Facts) -> int:
    """A name's errors; of the whole profile, whatever was not served."""
    served = table.amount("served")
    return table.count("errors") if served is None else max(0, table.count("requests") - int(served))
