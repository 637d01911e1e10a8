"""What a profile's run came to: its samples, a histogram over what was served, and how the generator itself did."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from drillbook.drills.ledger.samples import Sample, per_second

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hdrh.histogram import HdrHistogram

    from drillbook.load.profile import LoadProfile

SIGNIFICANT_DIGITS = 3
LONGEST_US = 3_600_000_000
PERCENTILES = (50, 95, 99)
MOST_NAMES = 50
MOST_REASONS = 20
BUSY = 0.9  # of one core, which is all that a generator can use
ACHIEVED = 0.95


@dataclass
class Result:
    """The result of one profile; `began` is in seconds since 1970, and `ended` is what the generator says of itself."""

    profile: LoadProfile
    began: float
    samples: list[Sample] = field(default_factory=list)
    ended: Mapping[str, Any] = field(default_factory=dict)

    def take(self, line: Mapping[str, Any]) -> None:
        """Takes in what the child tells once a second, or at its end."""
        self.ended = line.get("ended", self.ended)
        for name, due, took, reason in line.get("samples", ()):
            self.samples.append(Sample(self.began + due, name, "read", None, reason, took, not reason))

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return len(self.samples)

    @cached_property
    def served(self) -> int:
        """How many of them were served."""
        return sum(sample.ok for sample in self.samples)

    @cached_property
    def histogram(self) -> HdrHistogram:
        """The latencies of what was served, in microseconds."""
        return histogram(self.samples)

    def percentile(self, percent: float) -> float:
        """The latency in ms that so many percent of the served requests did not exceed."""
        return milliseconds(self.histogram, percent)

    @property
    def commonest(self) -> str:
        """Why requests were not served: the commonest reason."""
        found = Counter(sample.reason for sample in self.samples if not sample.ok).most_common(1)
        return found[0][0] if found else ""

    @property
    def trouble(self) -> str:
        """Why nothing that was measured can be believed; empty where it can."""
        asked, core = self.profile.asked, f"{self.ended['cpu']:.0%} of a core"
        on_time, sent = self.ended["on_time"] / asked, self.ended["sent"] / asked
        if on_time < ACHIEVED:
            why = f"the load generator could not keep up ({core}): give it more CPU, or ask for less"
            return f"only {on_time:.0%} of {asked} arrivals left on time: {why}"
        if self.ended["cpu"] > BUSY:
            return f"the load generator was at the end of its own CPU ({core}): give it more, or ask for less"
        if sent < ACHIEVED:
            return f"only {sent:.0%} of {asked} arrivals could be sent: all visitors were waiting for answers"
        return ""

    def seconds(self) -> list[dict[str, Any]]:
        """One entry for each second, as `ledger.samples.per_second`, with the rate `asked` for in it."""
        return [{**one, "asked": self._asked(one["t"])} for one in per_second(self.samples)]

    def facts(self) -> dict[str, Any]:
        """What the journal keeps of it beside the seconds; latencies in ms."""
        ended = {name: self.ended[name] for name in ("asked", "sent", "seconds", "visitors")}
        return {
            **ended,
            "on_time": round(self.ended["on_time"] / max(1, self.ended["asked"]), 4),
            "late_p95": round(self.ended["late_p95"] * 1000, 2),
            "cpu": round(self.ended["cpu"], 3),
            **latencies(self.samples, self.histogram),
            "names": self._by_name(),
            "reasons": self._reasons(),
        }

    def _asked(self, t: str) -> float:
        """How many arrivals a second were asked for in the middle of the second that begins at `t`."""
        middle = datetime.fromisoformat(t).timestamp() + 0.5 - self.began
        return round(self.profile.rate_at(min(max(middle, 0.0), self.profile.seconds)), 2)

    def _by_name(self) -> list[dict[str, Any]]:
        found: dict[str, list[Sample]] = defaultdict(list)
        for sample in self.samples:
            found[sample.name].append(sample)
        largest = sorted(found, key=lambda name: len(found[name]), reverse=True)[:MOST_NAMES]
        return [{"name": name, **latencies(found[name], histogram(found[name]))} for name in largest]

    def _reasons(self) -> list[dict[str, Any]]:
        found = Counter((sample.name, sample.reason) for sample in self.samples if not sample.ok)
        return [
            {"name": name, "reason": reason, "count": count}
            for (name, reason), count in found.most_common(MOST_REASONS)
        ]


def histogram(samples: Iterable[Sample]) -> HdrHistogram:
    """An HDR histogram of three significant digits over the latencies of what was served, in microseconds."""
    from hdrh.histogram import HdrHistogram

    found = HdrHistogram(1, LONGEST_US, SIGNIFICANT_DIGITS)
    for sample in samples:
        if sample.ok:
            found.record_value(min(max(round(sample.took * 1e6), 1), LONGEST_US))
    return found


def milliseconds(found: HdrHistogram, percent: float) -> float:
    """A percentile in ms."""
    return float(found.get_value_at_percentile(percent)) / 1000


def latencies(samples: Sequence[Sample], found: HdrHistogram) -> dict[str, Any]:
    """Requests, how many were served, errors, and percentiles in ms; None where none was served.

    `found` is the histogram of the samples: it holds the served ones and no other.
    """
    served = found.get_total_count()
    points = {f"p{percent}": milliseconds(found, percent) if served else None for percent in PERCENTILES}
    longest = max((sample.took for sample in samples if sample.ok), default=None)
    return {
        "requests": len(samples),
        "served": served,
        "errors": len(samples) - served,
        **points,
        "max": None if longest is None else round(longest * 1000, 1),
    }
