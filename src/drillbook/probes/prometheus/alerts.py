"""The alerts of a Prometheus server: which fire, how bad each is, and which rules cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drillbook.judging.observation import Observation
from drillbook.probes.failure import said
from drillbook.probes.prometheus.targets import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drillbook.probes.prometheus.table import Alerts

WORST = "critical"  # what an alert may be of which nobody says how bad it is
_LONGEST = 80


@dataclass(frozen=True)
class Rules:
    """The alerting rules of a server; `declared`, at `where` in the system file, says what their severities mean."""

    rules: Sequence[dict[str, Any]]
    declared: Alerts
    where: str

    def firing(self, severity: str) -> Observation:
        """How many alerts of that severity fire; there may be more where a rule of it was not evaluated."""
        firing = [_words(one) for one in self._firing() if self._severity(one) == severity]
        doubts = [*self._undecided(severity), *(self._unnamed() if severity == WORST else ())]
        return Observation(len(firing), "alerts", listed([*firing, *doubts]), at_least=bool(doubts))

    def _firing(self) -> Iterator[dict[str, Any]]:
        for rule in self._heeded():
            found = rule.get("alerts")
            for alert in found if isinstance(found, list) else ():
                if isinstance(alert, dict) and alert.get("state") == "firing":
                    yield {**alert, "name": rule.get("name")}

    def _undecided(self, severity: str) -> Iterator[str]:
        """The rules of that severity of which nobody knows whether they would fire."""
        for rule in self._heeded():
            if rule.get("health") != "ok" and (self._severity(rule) or WORST) == severity:
                error = said(rule.get("lastError") or "")[:_LONGEST]
                why = f"cannot be evaluated: {error}" if error else "has not been evaluated yet"
                yield f"{_name(rule)} {why}"

    def _unnamed(self) -> Iterator[str]:
        """The alerts that fire, and say nothing of how bad they are that the file would understand."""
        for alert in self._firing():
            if self._severity(alert) is None:
                word = said(self._word(alert))[:_LONGEST]
                fires = f"{_name(alert)} fires with {self.declared.label} {word!r}"
                yield f"{fires}: say what that means in {self.where}.severities"

    def _heeded(self) -> Iterator[dict[str, Any]]:
        return (one for one in self.rules if one.get("name") not in self.declared.ignore)

    def _severity(self, one: dict[str, Any]) -> str | None:
        known, word = self.declared.severities, self._word(one)
        return known.get(word, known.get(word.lower()))

    def _word(self, one: dict[str, Any]) -> str:
        return str(_inside(one, "labels").get(self.declared.label, ""))


def _name(one: dict[str, Any]) -> str:
    return said(one.get("name") or "an alert without a name")[:_LONGEST]


def _words(alert: dict[str, Any]) -> str:
    """An alert by its name, with its summary; without one, with the labels that tell it from others of its name."""
    annotations, labels = _inside(alert, "annotations"), _inside(alert, "labels")
    others = (f"{key}={value}" for key, value in sorted(labels.items()) if key not in ("alertname", "severity"))
    more = annotations.get("summary") or ", ".join(others)
    return f"{_name(alert)} ({said(more)[:_LONGEST]})" if more else _name(alert)


def _inside(one: dict[str, Any], key: str) -> dict[str, Any]:
    found = one.get(key)
    return found if isinstance(found, dict) else {}
