"""What clients met: one sample a request, and what they come to second by second."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

_P95 = 0.95


@dataclass(frozen=True)
class Sample:
    """One request: `t` is when it was due, in seconds since 1970 (UTC), and `took` the seconds since then.

    `name` is the ledger's or the endpoint's; `status` None where there was no whole answer, and `reason` says
    why it is not `ok`.
    """

    t: float
    name: str
    kind: Literal["read", "write"]
    status: int | None
    reason: str
    took: float
    ok: bool


def per_second(samples: Iterable[Sample]) -> list[dict[str, Any]]:
    """One entry for each second in which requests were due, oldest first.

    `t` is its beginning (ISO, UTC), `requests` and `errors` count, `p95` is in ms over the requests that were
    served (None where none was: a dead server is not a fast one), `max` in ms over all.
    """
    seconds: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        seconds[math.floor(sample.t)].append(sample)
    return [_second(t, seconds[t]) for t in sorted(seconds)]


def _second(t: int, samples: list[Sample]) -> dict[str, Any]:
    served = sorted(sample.took for sample in samples if sample.ok)
    return {
        "t": datetime.fromtimestamp(t, UTC).isoformat(timespec="milliseconds"),
        "requests": len(samples),
        "errors": len(samples) - len(served),
        "p95": _milliseconds(served[math.ceil(_P95 * len(served)) - 1]) if served else None,
        "max": _milliseconds(max(sample.took for sample in samples)),
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
