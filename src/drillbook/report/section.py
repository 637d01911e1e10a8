"""What a run came to for one target: each report has a section for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from drillbook.judging.gate import Ending
    from drillbook.system.target import Target


@dataclass(frozen=True)
class Section:
    """What is told of `target`, one of `several` or the only one.

    `skips` maps what was not covered to why, `asked` each service to the requests it was sent. Of many rounds,
    `good_at_last` are the titles of what was OK in the last one.
    """

    target: Target
    ending: Ending
    several: bool
    skips: Mapping[str, str]
    asked: Mapping[str, int]
    good_at_last: Collection[str] = ()

    @property
    def label(self) -> str:
        """What words that speak of one target begin with, where there are several: `shop@staging: `."""
        return f"{self.target.name}: " if self.several else ""


def names_of(sections: list[Section]) -> str:
    """What the run is called: by all its targets."""
    return ", ".join(one.target.name for one in sections)
