"""A signal of a system's own: what was read for it, as observations: one, or one for each thing that the answer has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from drillbook.judging.observation import Observation
from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured, needs, percent, question
from drillbook.probes.values import as_numbers
from drillbook.system.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drillbook.system.reads import Read
    from drillbook.system.signals import Signal

    Numbers = dict[str, float | bool | Unmeasured]

_LONGEST = 60
_SHOWN = 12


@dataclass
class Asked:
    """What the `noun` of its service brought home for a signal; iterating gives the observations."""

    noun: Any
    signal: Signal

    @property
    def name(self) -> str:
        """The signal's name, which is that of its limit."""
        return self.signal.name

    def __iter__(self) -> Iterator[Observation]:
        """One observation for each thing that is judged, those that must be there and are not included."""
        try:
            needs(self.noun.answers(), self.noun.up)
            numbers = self._numbers()
        except Exception as error:
            for name in self.signal.names or ("",):
                yield self._observation(name, partial(_raise, error))
            return
        expected = () if "" in numbers and not self.signal.names else self.signal.names
        for name in dict.fromkeys([*expected, *(one for one in numbers if one or not expected)]):
            yield self._observation(name, partial(self._value, numbers, name))

    def _observation(self, name: str, value: Callable[[], float | bool]) -> Observation:
        """An observation always, as of any question."""
        unit = self.signal.table.unit
        found = question(lambda _: Observation(value(), unit))(self.noun)
        return replace(found, of=said(name)[:_LONGEST])

    def _value(self, numbers: Numbers, name: str) -> float | bool:
        if name not in numbers:
            there = ", ".join(said(one)[:_LONGEST] or "one value without a name" for one in list(numbers)[:_SHOWN])
            raise Unmeasured(f"it is not in the answer; there are: {there}")
        found = numbers[name]
        if isinstance(found, Unmeasured):
            raise found
        return found

    def _numbers(self) -> Numbers:
        how, name = self.signal.table.as_, self.signal.name
        if self.signal.twice:
            return self._grown(per_second=how == "rate")
        found = self._read(name, self.signal.read)
        return self._shares(found) if self.signal.of else found

    def _read(self, key: str, read: Read, *, first: bool = False) -> Numbers:
        """What was read under that name: at the second reading, unless the first is wanted, of two."""
        readings = self.noun.readings
        twice = self.signal.twice or read.counts
        reading = readings.second if twice and not first and "counted" in readings.second else readings.first
        brought = reading.get("counted" if twice else "signals", {})
        values = self._kind.values(self.noun.service, key, read, reading | {"signals": brought})
        return as_numbers(values, self.signal.table, brought.get("when", 0.0))

    def _shares(self, parts: Numbers) -> Numbers:
        """What each is of the whole that belongs to it, or of the only one, in %."""
        assert self.signal.of is not None
        wholes = self._read(f"{self.name} of", self.signal.of)
        return {name: _caught(partial(_share, parts, wholes, name)) for name in parts}

    def _grown(self, *, per_second: bool) -> Numbers:
        """By how much each has grown between the two readings."""
        readings = self.noun.readings
        if readings.seconds <= 0 or "counted" not in readings.second:
            raise Unmeasured("it was read only once")
        then, now = (self._read(self.name, self.signal.read, first=first) for first in (True, False))
        if hold_together := getattr(self._kind, "hold_together", None):
            hold_together(self.noun.service, self.name, self.signal.read, readings)
        seconds = readings.seconds if per_second else 1.0
        return {name: _caught(partial(_growth, then, now, name, seconds)) for name in dict.fromkeys([*now, *then])}

    @property
    def _kind(self) -> Any:
        return kinds()[self.noun.service.kind].signals


def _growth(then: Numbers, now: Numbers, name: str, seconds: float) -> float:
    if name not in now or name not in then:
        raise Unmeasured(f"it {'has gone' if name in then else 'was not there'} at one of two readings")
    before, after = _sure(then, name), _sure(now, name)
    if after < before:
        raise Unmeasured(f"it went down from {before:g} to {after:g} between two readings: was it restarted?")
    return (after - before) / seconds


def _share(parts: Numbers, wholes: Numbers, name: str) -> float:
    whole = name if name in wholes else ""
    if whole not in wholes:
        raise Unmeasured("what it is a part of is not in the answer")
    if (of := _sure(wholes, whole)) == 0:
        raise Unmeasured("what it is a part of is 0", idle=True)
    return float(percent(_sure(parts, name), of, "what it is a part of").value or 0.0)


def _sure(numbers: Numbers, name: str) -> float:
    found = numbers[name]
    if isinstance(found, Unmeasured):
        raise found
    return float(found)


def _caught(value: Callable[[], float]) -> float | Unmeasured:
    try:
        return value()
    except Unmeasured as error:
        return error


def _raise(error: Exception) -> float:
    raise error
