"""What every kind of service says of what can be read from it for a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drillbook.system.strict import Strict

if TYPE_CHECKING:
    from drillbook.system.services import Service


class Read(Strict):
    """Where a number is read: its service's kind adds the rest in a table of its own."""

    service: str
    """The service of this file that it is read from."""

    @property
    def counts(self) -> bool:
        """Whether it is part of what is read at both ends of a run's interval anyway."""
        return False

    def missing(self, _service: Service) -> str:
        """What the service's own table would have to say for this to be read; empty where it says all."""
        return ""

    def refused(self, _how: str) -> str:
        """Why no such number (`rate`, `age`, …) can be made of it; empty where it can."""
        return ""
