"""Signals: numbers that only this system has, as its file declares them: where to read each, and its limit.

What can be read from a service, its kind says: a table of `reads` in the `table.py` of its folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from drillbook.system.limits import LimitTable

if TYPE_CHECKING:
    from drillbook.system.reads import Read

TWICE = ("rate", "increase")
UNITS = {"age": "s", "ratio": "%"}
_LADDER = set(LimitTable.model_fields)


class SignalTable(LimitTable):
    """A number that only this system has: where to read it, and its limit. `checks/test_signals.py` judges them all.

    The name stands in quotes and has a dot in it: `"documents.age"`. Where the answer has several numbers, each is
    judged by itself, and a limit of one of them alone is a table without `read`: `[signals."scraper.success(reddit)"]`.
    Its other keys are those of a limit.
    """

    read: dict[str, Any] | None = None
    """Where the number is read. What goes in beside `service` is said with each kind of service."""
    as_: Literal["value", "rate", "increase", "ratio", "age", "count"] = Field(default="value", alias="as")
    """What the number is: what was read (`value`), what it grew by over the run's interval (`increase`) or in each
    second of it (`rate`), its part of another number in % (`ratio`), how long ago the time that was read is, in s
    (`age`), or how many of it there are (`count`)."""
    of: dict[str, Any] | None = None
    """Of a `ratio`, what the number is a part of: a second read, from the same service."""
    together: Literal["sum", "max", "min"] | None = None
    """Makes one number of several, which otherwise are judged one by one."""
    names: list[str] = []
    """What must be there, of several that are judged one by one: one that is missing is UNKNOWN."""
    timezone: Literal["UTC"] | None = None
    """Of an `age`, the zone of times that have none."""
    numbers_in_text: bool = False
    """Takes the text `"97.3"` for a number."""
    when_empty: Literal["skip"] | float | int | None = None
    """What it means that there is nothing: this number, or that it is skipped. It is UNKNOWN where nothing is said."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> SignalTable:
        if self.own:
            raise ValueError("leave out own: a signal is judged by checks/test_signals.py")
        if self.keeps_the_house:
            raise ValueError("has no rung: give at least one of low, medium, high, critical")
        if self.read is None and (others := self.model_fields_set - _LADDER):
            raise ValueError(f"is missing read: it has {', '.join(sorted(one.strip('_') for one in others))}")
        if (self.as_ == "ratio") != (self.of is not None):
            raise ValueError('as = "ratio" and of go together: of = { … } is what the number is a part of')
        if (unit := UNITS.get(self.as_)) and not self.off and self.unit != unit:
            raise ValueError(f'as = "{self.as_}" is measured in {unit}: write unit = "{unit}"')
        if self.timezone and self.as_ != "age":
            raise ValueError('timezone belongs to as = "age"')
        if self.together and self.names:
            raise ValueError("names are judged one by one: leave out names, or together")
        return self


@dataclass(frozen=True)
class Signal:
    """A signal: its table, what is read for it from `service` and, of a ratio, what that is a part of.

    `names` are the items that must be there, those with a limit of their own included.
    """

    name: str
    table: SignalTable
    read: Read
    of: Read | None = None
    names: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        """The name of the service that it is read from."""
        return self.read.service

    @property
    def reads(self) -> dict[str, Read]:
        """What has to be read, each under a name of its own."""
        return {self.name: self.read} | ({f"{self.name} of": self.of} if self.of else {})

    @property
    def twice(self) -> bool:
        """Whether it is read at both ends of a run's interval."""
        return self.table.as_ in TWICE
