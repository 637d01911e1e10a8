"""Scales: where on a plot a time or a value is, and which ticks people can read off it."""

from __future__ import annotations

import math
from dataclasses import dataclass

WIDTH = 1000.0  # the width of every plot in its own units: it stretches to the width there is
_STEEP = 30.0  # where the largest value is so many times the middle one, only a logarithmic scale shows both
_SMALLEST = 0.001
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Tick:
    """A tick: where it is, and what it says."""

    at: float
    label: str


@dataclass(frozen=True)
class Times:
    """The time axis from `low` to `high`, in seconds."""

    low: float
    high: float

    def x(self, t: float) -> float:
        """Where `t` is, from 0 to WIDTH; times outside are at its edge."""
        part = (t - self.low) / ((self.high - self.low) or 1.0)
        return WIDTH * min(1.0, max(0.0, part))

    def percent(self, t: float) -> float:
        """The same in percent of the width."""
        return self.x(t) / WIDTH * 100

    def ticks(self, most: int = 6) -> list[Tick]:
        """At most so many ticks at round times."""
        step = self._step(most)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        times = [number * step for number in range(first, min(last, first + most) + 1)]
        return [Tick(self.percent(t), _time(t, step)) for t in times]

    def _step(self, most: int) -> float:
        wanted = (self.high - self.low) / most
        return next((step for step in _STEPS if step >= wanted), math.ceil(wanted / _DAY) * _DAY)


def times_of(moments: list[float]) -> Times:
    """The axis that holds all of `moments`, at least one second long."""
    low, high = min(moments, default=0.0), max(moments, default=1.0)
    return Times(low, max(high, low + 1.0))


@dataclass(frozen=True)
class Scale:
    """The value axis of a panel of that height, from `low` at its foot to `high` at its head."""

    low: float
    high: float
    height: float
    logarithmic: bool = False

    def y(self, value: float) -> float:
        """Where `value` is, in pixels from the head."""
        low, high, at = (self._bent(one) for one in (self.low, self.high, value))
        part = (at - low) / ((high - low) or 1.0)
        return self.height * (1 - min(1.0, max(0.0, part)))

    def ticks(self) -> list[Tick]:
        """Three to five ticks at round values."""
        values = _decades(self.low, self.high) if self.logarithmic else _round(self.high)
        return [Tick(self.y(value), short(value)) for value in values]

    def _bent(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.logarithmic else value


def scale_of(values: list[float], height: float, *, may_bend: bool = False) -> Scale:
    """The scale that shows all of `values`: from nought, or logarithmic where they differ too much for that."""
    seen = sorted(max(value, _SMALLEST) for value in values if value > 0) or [1.0]
    if may_bend and seen[-1] > _STEEP * seen[len(seen) // 2]:
        return Scale(_edge_below(seen[0]), _edge_above(seen[-1]), height, logarithmic=True)
    return Scale(0.0, _round(seen[-1])[-1], height)


def short(value: float) -> str:
    """`1500`, `0.25`, `20k`: a value in the little room beside an axis."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if letter == 'k' else size):g}{letter}"
    return f"{value:g}"


def _round(high: float) -> list[float]:
    """Nought and two to four round steps, the last of them at `high` or above it."""
    size: float = 10 ** math.floor(math.log10(high / 2))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor * 4 >= high)
    count = math.ceil(high / step - 1e-9)
    return [step * number for number in range(count + 1)]


def _edge_above(value: float) -> float:
    """The next 1, 2 or 5 of its decade."""
    decade = 10.0 ** math.floor(math.log10(value))
    return next(factor * decade for factor in (1, 2, 5, 10) if factor * decade * 1.02 >= value)


def _edge_below(value: float) -> float:
    decade = 10.0 ** math.floor(math.log10(value))
    return next(factor * decade for factor in (5, 2, 1) if factor * decade <= value * 1.02)


def _decades(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, math.ceil((last - first) / 4))
    return [10.0**power for power in range(first, last + 1, every)]


def _time(t: float, step: float) -> str:
    whole = round(t)
    if step >= _DAY:
        return f"{whole // _DAY} d"
    if step >= _HOUR:
        return f"{whole // _HOUR} h"
    if step >= _MINUTE:
        return f"{whole // _MINUTE} min"
    return f"{whole} s"
