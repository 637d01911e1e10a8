"""What may be asked of a service or an endpoint: so often in a second, a minute or an hour, or so often in all.

What comes back holds between the runs of a project; "in all" is of one run.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "in all": math.inf}
_FORM = re.compile(r"([1-9]\d*)(?:/(s|min|h)| (in all))")


@dataclass(frozen=True)
class Budget:
    """`count` questions in `seconds`; for ever, of a run, where it is "in all"."""

    count: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Budget:
        """The budget that a file states; ValueError shows the forms there are."""
        found = _FORM.fullmatch(text)
        if not found:
            raise ValueError('write how often it may be asked as "60/min", "5/s", "100/h" or "60 in all"')
        return cls(int(found[1]), _SECONDS[found[2] or found[3]])

    @property
    def comes_back(self) -> bool:
        """Whether there is room again after a while."""
        return math.isfinite(self.seconds)

    def room(self, asked: list[float], now: float) -> int:
        """How many more questions fit in, after those that were asked at these times."""
        return self.count - sum(at > now - self.seconds for at in asked)


def used_up(key: str, text: str, why: str, *, others: int = 0, again: float = math.inf) -> str:
    """In a line: the budget `text` of `key` has no room, `others` of it being asked by other runs, and `why`."""
    shared = f"of which {others} were asked by other runs" if others else ""
    room = f"room again in {_span(again)}" if others and math.isfinite(again) else ""
    return f"{', '.join(filter(None, (f'budget used up: {text}', shared, why, room)))} ({key})"


def _span(seconds: float) -> str:
    return f"{max(1, math.ceil(seconds))} s" if seconds <= 90 else f"{math.ceil(seconds / 60)} min"


def comes_back(text: str | None) -> bool:
    """Whether there is always room again after a while: for want of a budget, too."""
    return not text or Budget.parse(text).comes_back
