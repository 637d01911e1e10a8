"""Instant queries for signals, each asked once, all over one connection: of a Prometheus, or what answers as one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import said
from drillbook.probes.prometheus.answer import path_of
from drillbook.probes.prometheus.asking import asked, in_turn
from drillbook.probes.question import Unmeasured
from drillbook.probes.series import named_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from drillbook.probes.prometheus.answer import Sample
    from drillbook.system.reads import Read
    from drillbook.system.target import Service

_SHOWN = 60
_NOTHING = "nothing was counted in the time that it is over"


@dataclass(frozen=True)
class Queries:
    """How a kind of server is queried: `language` is the key of a read that holds the query, `path` where it is asked.

    `samples` takes an answer apart; whatever is none is Unmeasured.
    """

    language: str
    path: str
    samples: Callable[[Service, dict[str, Any], str], Iterable[Sample]]

    async def bring(
        self,
        service: Service,
        reads: Mapping[str, Read],
        found: dict[str, Any],
        *,
        anew: bool,  # noqa: ARG002  # nothing is read at both ends of an interval
    ) -> dict[str, Any]:
        """What was answered to each query, each asked once; nothing of a server that is down."""
        if (known := found["answers"]["query"])["status"] != 200:
            return {"failed": known["error"]}
        pages = await in_turn(service, {query: path_of(query, self.path) for query in self._every(reads)})
        return {"pages": pages, "asked": asked(pages)}

    def values(self, service: Service, _key: str, read: Read, reading: dict[str, Any]) -> dict[str, Any]:
        """Each series by its labels; a NaN with the reason why it is none."""
        query, brought = getattr(read, self.language), reading["signals"]
        what = said(query)[:_SHOWN]
        if query not in brought.get("pages", {}):
            raise Unmeasured((brought.get("failed") or {"reason": f"{what} was not asked"})["reason"])
        return _by_name(self.samples(service, brought["pages"][query], what), read.label, what)  # type: ignore[attr-defined]  # each language has it

    def cost(self, _service: Service, reads: Mapping[str, Read]) -> int:
        """Each query once."""
        return len(self._every(reads))

    def _every(self, reads: Mapping[str, Read]) -> dict[str, None]:
        return dict.fromkeys(getattr(read, self.language) for read in reads.values())


def _by_name(found: Iterable[Sample], label: str | None, what: str) -> dict[str, Any]:
    """The value of each series by its labels, or by one of them; a NaN with the reason why it is none."""
    named: dict[str, Any] = {}
    for one in found:
        name = _label(one, label, what) if label else named_by(_without_its_name(one.labels))
        if name in named:
            raise Unmeasured(
                f"{what} gives several series called {said(name)!r}: make one of them, with sum by ({label}) (…)"
            )
        named[name] = Unmeasured(f"{what} gives NaN: {_NOTHING}", idle=True) if math.isnan(one.value) else one.value
    return named


def _label(sample: Sample, label: str, what: str) -> str:
    if label not in sample.labels:
        there = ", ".join(map(said, sorted(sample.labels))) or "none"
        raise Unmeasured(f"{what} gives a series without the label {label!r} (it has: {there})")
    return sample.labels[label]


def _without_its_name(labels: Mapping[str, str]) -> dict[str, str]:
    return {label: value for label, value in labels.items() if label != "__name__"}
