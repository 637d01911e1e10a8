"""A load profile: arrivals a second over time, and the limits that the system is held to meanwhile. Data, not code.

Arrivals do not wait for answers: each has a time at which it is due, whatever the system does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """From the rate before it, which is 0 at first, evenly to `to` arrivals a second, within `seconds`.

    A ramp to the rate that it begins with holds it.
    """

    to: float
    seconds: float

    def __post_init__(self) -> None:
        if not (_is_number(self.to) and self.to >= 0):
            raise ValueError(f"Ramp(to={self.to!r}): it is arrivals a second, 0 or more")
        if not (_is_number(self.seconds) and self.seconds > 0):
            raise ValueError(f"Ramp(seconds={self.seconds!r}): it is seconds, more than 0")


@dataclass(frozen=True, kw_only=True)
class LoadProfile:
    """What the section `runbook` of the runbook asks of a loaded system.

    `arrivals` is the rate over time, `held_to` names the limits that must hold. `served` is the share of the requests
    that must have been served before a percentile is believed: a dead server is a fast one.
    """

    runbook: str
    arrivals: tuple[Ramp, ...]
    held_to: tuple[str, ...]
    served: float = 0.9

    def __post_init__(self) -> None:
        if not _are(self.arrivals, Ramp):
            raise ValueError("arrivals is a tuple of ramps, at least one: (Ramp(to=20, seconds=30),)")
        if not _are(self.held_to, str):
            raise ValueError('held_to is a tuple of the names of limits, at least one: ("api.p95",)')
        if not (_is_number(self.served) and 0 < self.served <= 1):
            raise ValueError(f"served={self.served!r}: it is a share, more than 0 and at most 1")
        if not self.asked:
            raise ValueError("arrivals come to not even one request: ramp to a higher rate, or for longer")

    @property
    def seconds(self) -> float:
        """How long it takes, in seconds."""
        return math.fsum(ramp.seconds for ramp in self.arrivals)

    @property
    def peak(self) -> float:
        """The highest rate, in arrivals a second."""
        return max(ramp.to for ramp in self.arrivals)

    @property
    def asked(self) -> int:
        """How many arrivals there are."""
        pieces = self._pieces()
        return math.floor(pieces[-1].before + pieces[-1].arrivals + 0.5)

    def rate_at(self, second: float) -> float:
        """The rate at a moment, in arrivals a second; 0 before the beginning and after the end."""
        for piece in self._pieces():
            if piece.begins <= second <= piece.begins + piece.ramp.seconds:
                return piece.rate_after(second - piece.begins)
        return 0.0

    def due(self) -> Iterator[float]:
        """When each arrival is due, in seconds since the beginning: the same every time.

        The rate's integral is the number of arrivals; each is due when it reaches the middle of its own one.
        """
        pieces = iter([piece for piece in self._pieces() if piece.arrivals])
        piece, following = next(pieces), next(pieces, None)
        for number in range(self.asked):
            while following and number + 0.5 > following.before:
                piece, following = following, next(pieces, None)
            yield piece.begins + piece.moment(number + 0.5 - piece.before)

    def _pieces(self) -> list[_Piece]:
        pieces = [_Piece(0.0, 0.0, self.arrivals[0])]
        for ramp in self.arrivals[1:]:
            pieces.append(pieces[-1].then(ramp))
        return pieces


@dataclass(frozen=True)
class _Piece:
    """A ramp in its place: when it begins, how many arrivals there were before it, and the rate it begins with."""

    begins: float
    before: float
    ramp: Ramp
    first: float = 0.0

    @property
    def arrivals(self) -> float:
        return (self.first + self.ramp.to) / 2 * self.ramp.seconds

    def then(self, ramp: Ramp) -> _Piece:
        return _Piece(self.begins + self.ramp.seconds, self.before + self.arrivals, ramp, self.ramp.to)

    def rate_after(self, seconds: float) -> float:
        return self.first + (self.ramp.to - self.first) * seconds / self.ramp.seconds

    def moment(self, arrivals: float) -> float:
        """The second of this piece in which so many have arrived: the root that also holds for a level piece."""
        steepness = (self.ramp.to - self.first) / self.ramp.seconds
        rate = math.sqrt(max(0.0, self.first**2 + 2 * steepness * arrivals))
        return min(self.ramp.seconds, 2 * arrivals / (self.first + rate))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _are(values: object, kind: type) -> bool:
    """Whether it is a tuple of such values, and not empty: `("x")` without its comma is none."""
    return isinstance(values, tuple) and bool(values) and all(isinstance(value, kind) for value in values)
