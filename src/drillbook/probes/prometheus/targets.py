"""What a Prometheus server scrapes: which of its targets are down, and which of those that it must know it does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.judging.observation import Observation
from drillbook.probes.failure import said
from drillbook.probes.question import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 6
_LONGEST = 80
_WHAT_WAS_ASKED = re.compile(r'\w+ "[^"]*": ')  # Get "http://10.0.0.7:8000/metrics?token=…": dial tcp: …


@dataclass(frozen=True)
class Targets:
    """The targets that a server says it scrapes, and those that the system file says it must know."""

    found: Sequence[dict[str, Any]]
    declared: Sequence[str]

    def down(self) -> Observation:
        """How many are down; there may be more where one has not been scraped yet, or is not known."""
        if not self.found and not self.declared:
            raise Unmeasured("it has no targets: does its service discovery find any?")
        down = [f"{_name(one)}: {_why(one)}" for one in self.found if one.get("health") == "down"]
        doubts = [*self._unknown(), *self._unscraped()]
        return Observation(len(down), "targets", listed([*down, *doubts]), at_least=bool(doubts))

    def _unknown(self) -> list[str]:
        """The declared ones that it does not know."""
        jobs = {_labels(one).get("job", "") for one in self.found}
        known = jobs | {_name(one) for one in self.found}
        there = ", ".join(map(said, sorted(jobs)[:SHOWN])) or "none"
        return [f"it knows no target {one} (its jobs: {there})" for one in self.declared if one not in known]

    def _unscraped(self) -> list[str]:
        sure = ("up", "down")
        return [f"{_name(one)} has not been scraped yet" for one in self.found if one.get("health") not in sure]


def listed(what: Sequence[str]) -> str:
    """The first of these, and how many more there are."""
    more = len(what) - SHOWN
    return "; ".join(what[:SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _name(target: dict[str, Any]) -> str:
    labels = _labels(target)
    return said(f"{labels.get('job', '')}/{labels.get('instance', '')}")[:_LONGEST]


def _labels(target: dict[str, Any]) -> dict[str, Any]:
    labels = target.get("labels")
    return labels if isinstance(labels, dict) else {}


def _why(target: dict[str, Any]) -> str:
    return said(_WHAT_WAS_ASKED.sub("", str(target.get("lastError") or "it does not say why")))[:_LONGEST]
