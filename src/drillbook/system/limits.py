"""Limits as TOML writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, model_validator

from drillbook.judging.limit import HOUSE, Limit, Rung, duration, ladder
from drillbook.judging.severity import SEVERITY_WORDS, Severity
from drillbook.system.strict import Duration, Form, Strict, read_by


def _is_a_reason(text: str) -> str:
    if not text.strip():
        raise ValueError('say why it is not judged, as in off = "the cache is another team\'s"')
    return text


_TRIPS = 'a condition says when it trips: "> 90", ">= 90", "< 5", "<= 5"; or "no", of what is answered yes or no'
_CONDITION = r"\s*(no|(>=|<=|>|<)\s*-?\d+(\.\d+)?)\s*"
_WHY = "a reason is any text that says why"
Condition = Annotated[
    str, read_by(lambda text: Rung.parse(Severity.LOW, text), "a condition that trips", _TRIPS, _CONDITION)
]
Reason = Annotated[str, Form(_is_a_reason, "a reason", _WHY, r"[\s\S]*\S[\s\S]*")]


class LimitTable(Strict):
    """A limit: a ladder of severities, or `off` with the reason why it is not judged here.

    The name stands in quotes. It may end in one service's name, which it is then for alone: `"redis.memory(broker)"`.
    It may hold a `*` where the house's own does: `"*.latency"`, `"health.*"`. A limit that the file does not state
    comes from the house defaults. Rungs must get worse from `low` to `critical`.
    """

    unit: str = ""
    """What the number is counted in: as the [list of limits](limits.md) says. What is answered yes or no has none."""
    low: Condition | None = None
    """When it is of low severity."""
    medium: Condition | None = None
    """When it is of medium severity."""
    high: Condition | None = None
    """When it is of high severity. From here on a run fails, unless `--gate` says otherwise."""
    critical: Condition | None = None
    """When it is of critical severity."""
    for_: Duration | None = Field(default=None, alias="for")
    """For how long it has to trip, as the runbook says it. No run waits for that: what trips is judged at once."""
    from_: str | None = Field(default=None, alias="from")
    """The title of the runbook's section that states it: reports say which section to open."""
    when_idle: Literal["skip"] | None = None
    """Skips it while nothing happens, where that is usual. Alone, it keeps the house's ladder."""
    off: Reason | None = None
    """Switches the limit off, with the reason, which is reported as not covered. It goes without a ladder."""
    own: bool = False
    """Declares a name that only a check of this system's own judges: the house does not know it."""

    @model_validator(mode="after")
    def _is_a_limit(self) -> LimitTable:
        if self.off and (self.unit or self._stated or self.for_ or self.when_idle):
            raise ValueError("off says that it is not judged: leave out its severities, unit, for and when_idle")
        if not (self.off or self.keeps_the_house):
            self.named("")
        return self

    @property
    def keeps_the_house(self) -> bool:
        """Whether only the house's ladder can be meant: the table says nothing but `when_idle`."""
        return bool(self.when_idle) and not (self.unit or self._stated or self.for_)

    def named(self, name: str, origin: str = HOUSE, *, house: Limit | None = None) -> Limit:
        """The limit called `name`; `origin` is where it is stated, unless it says so itself.

        ValueError where the ladder makes no sense, or where there is none and the `house` has none either.
        """
        if self.off:
            return Limit(name, (), source=self.from_ or origin, off=self.off)
        if self.keeps_the_house and house:
            return replace(house, name=name, source=self.from_ or house.source, skip_idle=True)
        window = duration(self.for_) if self.for_ else 0.0
        skip_idle = self.when_idle is not None
        return Limit(name, ladder(self._stated), self.unit, window, self.from_ or origin, skip_idle=skip_idle)

    @property
    def _stated(self) -> dict[Severity, str]:
        conditions = {Severity.named(word): getattr(self, word) for word in SEVERITY_WORDS}
        return {severity: condition for severity, condition in conditions.items() if condition is not None}
