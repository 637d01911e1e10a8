"""What a cause weighs: what is UNKNOWN because of another limit is no worse than that limit, if the run judges it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drillbook.plugin.about import spoken_of
from drillbook.system.names import split

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from drillbook.judging.verdict import Verdict
    from drillbook.system.target import Target


@dataclass
class Causes:
    """The causes of what a run on `target` cannot tell."""

    target: Target
    _judged: dict[tuple[str, str], bool] = field(default_factory=dict)

    def weigh(self, verdict: Verdict, items: Iterable[pytest.Item]) -> Verdict:
        """The verdict with its cause by title, and as bad as that at most if one of the `items` judges it.

        They are those that were selected, of this target: another's causes are none of its.
        """
        if not verdict.because:
            return verdict
        name, service = self._cause_of(verdict)
        limit = self.target.limits.find(name, service)
        verdict = replace(verdict, because=self.target.limits.title(name, service))
        if not limit or limit.off or not verdict.severity or not self._is_judged(name, service, items):
            return verdict
        return replace(verdict, severity=min(verdict.severity, limit.worst))

    def _cause_of(self, verdict: Verdict) -> tuple[str, str]:
        """The limit's name, and the service that it is judged on: the one that is said, the verdict's, or the only."""
        name, service = split(verdict.because)
        judged_on = self.target.limits.services_of(name)
        service = service or (verdict.service if verdict.service in judged_on else "")
        return name, service or next(iter(judged_on), "")

    def _is_judged(self, name: str, service: str, items: Iterable[pytest.Item]) -> bool:
        if (name, service) not in self._judged:
            about = (spoken_of(item, self.target) for item in items if not item.get_closest_marker("skip"))
            self._judged[name, service] = any(name in names and service in services for names, services, _ in about)
        return self._judged[name, service]
