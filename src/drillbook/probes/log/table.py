"""The table of a service of kind `log`, and which of its lines a signal is read from."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

import regex
from pydantic import model_validator

from drillbook.judging.limit import duration
from drillbook.system.reads import Read
from drillbook.system.services import Service
from drillbook.system.strict import Duration, Path_, form, read_by

VALUE, TIME = "value", "time"
WITH_A_TIME = "say which part of the line it is, in stamp: stamp = '^(?P<time>\\S+)'"
ONE_OF_TWO = 'say file = "/var/log/shop/app.log" or container = "backend" (a service of the compose file), one of them'
_ITS_TIMES = "the engine's own times are the lines' of a container: leave out stamp, format and timezone"
_NO_DAY = 'has no day, so that a line of yesterday is none of today: write the day in the log, or as = "increase"'
_NO_NUMBER = (
    'say what of a line is the number, as in match = \'took (?P<value>\\d+) ms\', or as = "count", "age", "increase"'
)


_CONTAINER = "write the name of a service of the compose file: backend"
_FORMAT = 'a format of times is written as strptime has it, and holds a day: "%d/%b/%Y:%H:%M:%S %z"'
_EXPRESSION = "a regular expression is written as Python's `re` has it"


def _is_an_expression(text: str) -> None:
    try:
        regex.compile(text)
    except regex.error as error:
        raise ValueError(f"is no regular expression: {error}") from None


def _reads_times(form: str) -> None:
    try:
        datetime.strptime("", form if has_a_year(form) else f"%Y {form}")  # noqa: DTZ007  # whether it is a format at all
    except (ValueError, re.error) as error:
        if "does not match" not in str(error):
            raise ValueError(f"is no format of a time: {error}") from None
    if not _has(form, "djcx"):
        raise ValueError(_NO_DAY)


def has_a_year(form: str) -> bool:
    """Whether times of this format say of which year they are."""
    return _has(form, "YyGcx")


def _has(form: str, directives: str) -> bool:
    return any(one in directives for one in re.findall("%(.)", form))


Expression = Annotated[str, read_by(_is_an_expression, "a regular expression", _EXPRESSION)]
Format = Annotated[str, read_by(_reads_times, "a format of times", _FORMAT)]
Container = Annotated[str, form(r"[A-Za-z0-9._-]+", _CONTAINER, "a compose service")]


class LogService(Service):
    """A log: either a file on the machine of the run, or what a container of a copy wrote. Signals are read from it."""

    file: Path_ | None = None
    """The file, by its whole path."""
    container: Container | None = None
    """The service of the compose file whose container wrote it. It is there in a copy that Drillbook started; elsewhere
    it is not asked."""

    @model_validator(mode="after")
    def _is_one_log(self) -> LogService:
        if (self.file is None) == (self.container is None):
            raise ValueError(ONE_OF_TWO)
        return self

    @property
    def of_a_container(self) -> str:
        """The service of the compose file whose container wrote it; empty where it is a file."""
        return self.container or ""


class LineRead(Read):
    """The lines in which a regular expression is found.

    A line without a time has that of the line before it. Those that a container wrote have the engine's times: `stamp`,
    `format` and `timezone` are for files.
    """

    match: Expression
    """What is found in the lines that are meant. Its group `(?P<value>…)` captures a number."""
    window: Duration | None = None
    """How far back lines are taken. `as = "count"` needs it."""
    stamp: Expression | None = None
    """Which part of a line is its time, as a group `(?P<time>…)`: without it, the first time in it that is ISO 8601."""
    format: Format | None = None
    """How strptime reads the time, where it is neither ISO 8601 nor seconds since 1970. One without a year is the last
    that it can be."""
    timezone: Literal["UTC", "local"] | None = None
    """The zone of times that have none."""

    @model_validator(mode="after")
    def _captures_a_time(self) -> LineRead:
        if self.stamp and TIME not in regex.compile(self.stamp).groupindex:
            raise ValueError(WITH_A_TIME)
        if self.format and not self.stamp:
            raise ValueError(f"format says how a time is read: {WITH_A_TIME}")
        return self

    @property
    def captures(self) -> bool:
        """Whether `match` captures a number."""
        return VALUE in regex.compile(self.match).groupindex

    def missing(self, service: Service) -> str:
        """What must not be said where the engine knows each line's time."""
        return _ITS_TIMES if service.of_a_container and (self.stamp or self.format or self.timezone) else ""

    def refused(self, how: str) -> str:
        """What is missing for such a number: how far back lines are counted, or what of a line is the number."""
        if how in ("rate", "increase"):
            return "what is added is counted over the run's interval: leave out window" if self.window else ""
        if how == "count" or (how == "ratio" and not self.captures):
            return "" if self.window else 'say how far back lines are counted: window = "5m" in read'
        return "" if how == "age" or self.captures else _NO_NUMBER

    @property
    def seconds(self) -> float | None:
        """The window in seconds."""
        return duration(self.window) if self.window else None
