"""What checks of one's own ask live: within budgets, and counted with all the rest, from whatever process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from drillbook.plugin.inquiry import Inquiry
    from drillbook.system.target import Service

LIVE = "drillbook-live"


@dataclass(frozen=True)
class Live:
    """What `item` asks `service` live; called with how much, it says why not, or counts it in the item's report."""

    inquiry: Inquiry
    service: Service
    item: pytest.Item

    def __call__(self, questions: int) -> str:
        if not self.inquiry.may_ask(self.service, questions):
            return self.inquiry.spending.why_not(self.service, f"this would ask {questions} more")
        self.item.user_properties.append((LIVE, json.dumps([self.service.name, questions])))
        return ""


def live(report: pytest.TestReport) -> list[tuple[str, int]]:
    """What a report's check has asked so far: services, and how much each time."""
    found = (json.loads(str(value)) for name, value in report.user_properties if name == LIVE)
    return [(str(service), int(questions)) for service, questions in found]
