"""What is told of a run: its samples, once a second, and how late the generator itself was."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from drillbook.common.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator

ON_TIME = 0.1  # seconds
LONGEST = 200  # characters of a name or a reason
MOST_IN_A_LINE = 2000
_WORTH_READING = 4000
_STEPS = 10_000  # a second: lateness is counted in steps of 0.1 ms


class Samples:
    """The samples since the last line, written out one by one: all of a second at once would hold the others up."""

    def __init__(self) -> None:
        self._written: list[str] = []

    def add(self, name: str, due: float, took: float, reason: str = "") -> None:
        """Takes in a request that has ended; `due` and `took` in seconds, `reason` empty where it was served."""
        name, reason = _text(name[:_WORTH_READING]), _text(reason[:_WORTH_READING])
        self._written.append(f"[{name},{due:.4f},{took:.6f},{reason}]")

    def lines(self, at: float, sent: int) -> Iterator[bytes]:
        """What came since the last time, as a line of the protocol, or several of a bearable length."""
        written, self._written = self._written, []
        for first in range(0, max(1, len(written)), MOST_IN_A_LINE):
            samples = ",".join(written[first : first + MOST_IN_A_LINE])
            yield f'{{"at": {at:.3f}, "sent": {sent}, "samples": [{samples}]}}\n'.encode()


class Lateness:
    """How late the generator got round to arrivals, whatever the server did."""

    def __init__(self) -> None:
        self._steps: Counter[int] = Counter()
        self.on_time = 0
        self.count = 0

    def add(self, seconds: float) -> None:
        """Takes in one arrival."""
        self.count += 1
        self.on_time += seconds <= ON_TIME
        self._steps[int(seconds * _STEPS)] += 1

    def percentile(self, percent: float) -> float:
        """The lateness in seconds that so many percent of the arrivals did not exceed."""
        left = self.count * percent / 100
        for step in sorted(self._steps):
            left -= self._steps[step]
            if left <= 0:
                return step / _STEPS
        return 0.0


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    """As JSON writes it: one line, no longer than it may be, without the secrets that the run was given."""
    clean = " ".join(scrub(text).split())
    return json.dumps(clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…")
