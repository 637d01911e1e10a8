"""Whether all readings of a page are of one process: where several answer in turn, nothing can be compared."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

BURST = 50  # so much more may be counted between two readings that follow each other directly, whatever the rate
FASTER = 10  # and as much as traffic that is so many times as dense as in the interval
LATELY = 25  # readings, of about five rounds
_WHO = re.compile(r"^process_(?:start_time_seconds|pid)\b.*$", re.MULTILINE)
WAY_OUT = (
    "let them share their counters (prometheus_client: PROMETHEUS_MULTIPROC_DIR), or have a Prometheus server add them "
    'up and ask that one (metrics.from = "prometheus")'
)


@dataclass(frozen=True)
class Counted:
    """What one reading says: counters, how many requests they are in all, and what no process shares with another."""

    counters: Mapping[Any, float]
    requests: float
    process: Mapping[Any, float] = field(default_factory=dict)

    def can_become(self, later: Counted) -> bool:
        """Whether one process can have said both."""
        same = all(later.process.get(key, value) == value for key, value in self.process.items())
        return same and all(later.counters.get(key, -1) >= value for key, value in self.counters.items())


_lately: dict[Hashable, deque[str]] = {}


def remember(where: Hashable, page: str) -> None:
    """Takes note of who answered there, if the page says who it is."""
    if who := "\n".join(sorted(_WHO.findall(page))):
        _lately.setdefault(where, deque(maxlen=LATELY)).append(who)


def in_turn(where: Hashable) -> bool:
    """Whether somebody answered there lately, then somebody else, and then that one again: no restart does that.

    One of several may answer all readings of a round by chance: then only the rounds before tell that there are more.
    """
    turns = [who for who, _ in groupby(_lately.get(where, ()))]
    return len(turns) > len(set(turns))


def hold_together(
    before: Counted | None,
    first: Sequence[Counted],
    second: Sequence[Counted],
    *,
    rate: float,
    apart: float,
    several: bool,
) -> None:
    """Unmeasured where the readings are not all of one process, or `several` are known to answer.

    `first` and `second` hold what was read once, or twice one directly after the other and `apart` seconds later;
    `rate` is how many requests a second there seem to have been between the two.
    """
    if several:
        raise _several()
    close = [(pair[0], pair[1]) for pair in (first, second) if len(pair) == 2]
    most = BURST + FASTER * rate * apart
    if any(not one.can_become(other) or other.requests - one.requests > most for one, other in close):
        raise _several()
    inline = [*([before] if before else []), first[0], second[0]]
    changes = sum(not one.can_become(other) for one, other in pairwise(inline))
    if changes > 1:
        raise _several()
    if changes:
        raise Unmeasured(
            "the counters were reset between two readings: was it restarted? If not, several processes answer, each "
            f"with counters of its own: {WAY_OUT}"
        )


def _several() -> Unmeasured:
    return Unmeasured(f"several processes answer, each with counters of its own: {WAY_OUT}")
