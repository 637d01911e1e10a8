"""What a drill says of its phases, as they come: to the journal, with the seconds since it began."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drillbook.common.progress import Tell
    from drillbook.drills.failed import Failed


@dataclass(frozen=True)
class Phases:
    """Says what became of each phase to `tell`."""

    tell: Tell
    _began: float = field(default_factory=time.monotonic)

    def say(self, phase: str, words: str, **facts: Any) -> None:
        """What became of it, and the figures that it came to."""
        self.tell("phase", phase=phase, words=words, at=round(time.monotonic() - self._began, 2), **facts)

    def say_failed(self, failed: Failed) -> None:
        """When it happens, and not a second time."""
        if not failed.said:
            self.say(failed.phase, f"FAILED: {failed.why}")
            failed.said = True
