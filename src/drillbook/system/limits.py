"""Limits as TOML writes them."""

from __future__ import annotations

from pydantic import Field, model_validator

from drillbook.limit import HOUSE, Limit, duration, ladder
from drillbook.severity import Severity
from drillbook.system.strict import Strict


class LimitTable(Strict):
    """A limit as TOML writes it. `own` declares a name that only a check of this system's own judges."""

    unit: str = ""
    low: str | None = None
    medium: str | None = None
    high: str | None = None
    critical: str | None = None
    for_: str | None = Field(default=None, alias="for")
    from_: str = Field(default=HOUSE, alias="from")
    own: bool = False

    @model_validator(mode="after")
    def _is_a_limit(self) -> LimitTable:
        self.named("")
        return self

    def named(self, name: str) -> Limit:
        """The limit itself, called `name`; ValueError where the ladder or the window makes no sense."""
        stated = {severity: getattr(self, severity.word) for severity in Severity}
        rungs = ladder({severity: condition for severity, condition in stated.items() if condition is not None})
        return Limit(name, rungs, self.unit, duration(self.for_) if self.for_ else 0.0, self.from_)
