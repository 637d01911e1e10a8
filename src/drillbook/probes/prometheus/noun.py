"""A Prometheus server: is it ready, which of its targets are down, which alerts fire?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partialmethod
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.http.answers import status_line
from drillbook.probes.prometheus import answer
from drillbook.probes.prometheus.alerts import Rules
from drillbook.probes.prometheus.reading import READY, RULES, TARGETS
from drillbook.probes.prometheus.server import Server
from drillbook.probes.prometheus.targets import Targets
from drillbook.probes.question import Unmeasured, needs, question

if TYPE_CHECKING:
    from drillbook.judging.observation import Observation
    from drillbook.probes.prometheus.table import PrometheusService

_NOT_THERE = 404


@dataclass
class Prometheus(Server):
    """What `readings` of `service` answer. `up` is the name of the limit that judges `answers()`."""

    up: str = "prometheus.up"

    @question
    def answers(self) -> Observation:
        """Whether it is ready, and answers queries as a Prometheus does: yes or no.

        One that does not say whether it is ready (Mimir) is asked for a query alone.
        """
        return self._serves(READY, answer.QUERY, answer.samples, "the time")

    @question
    def targets_down(self) -> Observation:
        """How many of its targets it does not reach, in targets; which they are is the reason."""
        declared = self._declared.targets
        return Targets(self._list("targets", "activeTargets", stated=bool(declared)), declared).down()

    @question
    def alerts(self, severity: str) -> Observation:
        """How many alerts of that severity fire, in alerts; which they are is the reason."""
        return self._rules.firing(severity)

    critical_alerts = partialmethod(alerts, "critical")
    high_alerts = partialmethod(alerts, "high")
    medium_alerts = partialmethod(alerts, "medium")
    low_alerts = partialmethod(alerts, "low")

    @property
    def _declared(self) -> PrometheusService:
        return cast("PrometheusService", self.service.declared)

    @cached_property
    def _rules(self) -> Rules:
        stated = "alerts" in self._declared.model_fields_set
        groups = self._list("rules", "groups", stated=stated)
        rules = [rule for group in groups for rule in _dicts(group.get("rules"), "rules")]
        rules = [rule for rule in rules if rule.get("type") != "recording"]  # not all heed ?type=alert
        if not rules:
            raise Unmeasured("it has no alerting rules: does rule_files match anything?", applies=stated)
        return Rules(rules, self._declared.alerts, f"services.{self.service.name}.alerts")

    def _list(self, name: str, key: str, *, stated: bool) -> list[dict[str, Any]]:
        """What it has of these; where it has no such page, that is no failure unless the file has `stated` some."""
        needs(self.answers(), self.up)
        page, path = self.readings.first["answers"][name], {"targets": TARGETS, "rules": RULES}[name]
        if page["status"] == _NOT_THERE:
            raise Unmeasured(f"it has no {name}: {status_line(page, path)}", applies=stated)
        data = answer.answered(self.service, page, f"its {name}", path).get("data")
        return _dicts(data.get(key) if isinstance(data, dict) else None, name)


def _dicts(found: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unmeasured(f"what it says of its {what} is not what a Prometheus says")
    return found
