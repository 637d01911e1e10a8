"""A limit: a name, a ladder of severities, perhaps a window, and the runbook section it comes from.

A ladder is written as conditions that trip (`high = "> 90"` trips above 90, not at it) or, for a question that
is answered yes or no, as `high = "no"`.
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drillbook.judging.observation import TOO_BUSY
from drillbook.judging.severity import Severity
from drillbook.judging.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillbook.judging.observation import Observation

HOUSE = "house default"
STATED_IN = "stated in "
NO = "no"

_COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_CONDITION = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(text: str) -> float:
    """`"5m"` in seconds: 300.0; units are ms, s, m, h and d. ValueError says what is wrong."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no duration: write a number and a unit, as in 30s, 5m, 1h")
    return float(found[1]) * _SECONDS[found[2]]


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: the severity that a value has once `comparison threshold` holds for it."""

    severity: Severity
    comparison: str
    threshold: float = 0.0

    @classmethod
    def parse(cls, severity: Severity, condition: str) -> Rung:
        """The rung for `"> 90"`, `"<= 2.5"` or `"no"`; ValueError shows the forms there are."""
        if condition.strip() == NO:
            return cls(severity, NO)
        found = _CONDITION.fullmatch(condition.strip())
        if not found:
            raise ValueError(f'{condition!r} is no condition: write "> 90", ">= 90", "< 5", "<= 5" or "no"')
        return cls(severity, found[1], float(found[2]))

    def trips(self, value: float | bool) -> bool:
        """Whether `value` has this rung's severity or a worse one."""
        if self.comparison == NO:
            return value is False
        return bool(_COMPARE[self.comparison](value, self.threshold))

    def words(self, unit: str) -> str:
        """The condition as people say it: `> 1000 jobs`."""
        return NO if self.comparison == NO else f"{self.comparison} {amount(self.threshold, unit)}"


@dataclass(frozen=True)
class Limit:
    """A limit as a system file or `house.toml` states it; `rungs` go from the mildest to the worst.

    `window` is the `for` in seconds, 0 without one; `source` is the section's title, "house default", or where the
    limit is stated. Where `off` says why, there are no rungs, and nothing is judged. With `skip_idle` what says that
    nothing happened is skipped.
    """

    name: str
    rungs: tuple[Rung, ...]
    unit: str = ""
    window: float = 0.0
    source: str = HOUSE
    off: str = ""
    skip_idle: bool = False

    @property
    def worst(self) -> Severity:
        """The severity of the ladder's last rung; the mildest there is where there is no ladder."""
        return self.rungs[-1].severity if self.rungs else Severity.LOW

    @property
    def asks_yes_or_no(self) -> bool:
        """Whether this limit judges an answer rather than a number."""
        return bool(self.rungs) and self.rungs[0].comparison == NO

    def judge(self, observation: Observation) -> Verdict:
        """The verdict on `observation`: UNKNOWN, never OK, where it holds no value that this limit can judge."""
        if self._skips(observation):
            return self._verdict(Outcome.SKIPPED, observation, self.off or observation.reason)
        trouble = self._cannot_judge(observation)
        if trouble:
            return self._verdict(Outcome.UNKNOWN, observation, trouble, self.worst)
        tripped, surely = self._trips(observation.value), self._surely(observation)
        if surely:
            reason = self._idle(observation) if observation.idle else observation.reason
            return self._verdict(Outcome.BREACHED, observation, reason, surely[-1].severity)
        if tripped:
            return self._verdict(Outcome.UNKNOWN, observation, self._doubt(observation), tripped[-1].severity)
        if observation.at_least:
            found = f"at least {amount(observation.value, self.unit)}"  # type: ignore[arg-type]
            return self._verdict(Outcome.UNKNOWN, observation, f"{found}, {observation.reason}", self.worst)
        return self._verdict(Outcome.OK, observation, observation.reason)

    def in_doubt(self, observation: Observation) -> bool:
        """Whether our own doing may be why `observation` is as bad as it is."""
        if self._skips(observation) or self._cannot_judge(observation):
            return False
        return self._trips(observation.value) != self._surely(observation)

    def words(self, severity: Severity | None = None) -> str:
        """The rung of `severity` in words, or the mildest one: where trouble begins."""
        rung = next((rung for rung in self.rungs if rung.severity == severity), next(iter(self.rungs), None))
        return rung.words(self.unit) if rung else ""

    def _skips(self, observation: Observation) -> bool:
        """Whether this is not judged: here, of this service, or while nothing happens."""
        return bool(self.off) or not observation.applies or (observation.idle and self.skip_idle)

    def _trips(self, value: float | bool | None) -> list[Rung]:
        return [rung for rung in self.rungs if value is not None and rung.trips(value)]

    def _surely(self, observation: Observation) -> list[Rung]:
        """What trips whatever of the value is our own doing."""
        best = observation.at_best
        return [rung for rung in self._trips(observation.value) if best is not None and rung.trips(best)]

    def _doubt(self, observation: Observation) -> str:
        """Why `observation` is no breach, in words that say how much of it may be ours."""
        found = observation.reason if self.asks_yes_or_no else amount(observation.value or 0.0, self.unit)
        if observation.at_most:
            return f"at most {found}, {observation.reason}"
        found += f", asked beside {observation.beside} other requests of ours" if observation.beside else ""
        if not observation.late:
            return f"it cannot be told: {found}"
        return f"{TOO_BUSY}: {found}, of which up to {amount(observation.late, self.unit)} may be our own lateness"

    def _cannot_judge(self, observation: Observation) -> str:
        value = observation.value
        if value is None and observation.idle:
            return self._idle(observation)
        if value is None:
            return observation.reason or "nothing was measured"
        if isinstance(value, bool) != self.asks_yes_or_no:
            return f"got {value!r}, where {self.name} judges {'yes or no' if self.asks_yes_or_no else 'a number'}"
        if not isinstance(value, bool | int | float) or not math.isfinite(value):
            return f"got {value!r}, which is no number"
        if observation.unit != self.unit and not self.asks_yes_or_no:
            return f"measured in {observation.unit or 'no unit'}, but the limit is in {self.unit or 'no unit'}"
        return ""

    def _idle(self, observation: Observation) -> str:
        """That nothing happened, with the next step."""
        return f'{observation.reason}: where that is usual, say when_idle = "skip" in [limits."{self.name}"]'

    def _verdict(
        self, outcome: Outcome, observation: Observation, reason: str, severity: Severity | None = None
    ) -> Verdict:
        known = outcome in (Outcome.OK, Outcome.BREACHED)
        return Verdict(
            name=self.name,
            outcome=outcome,
            severity=severity,
            worst=self.worst,
            value=observation.value if known else None,
            unit=self.unit,
            limit=self.words(severity),
            reason=reason,
            source=self.source,
            of=observation.of,
            by=observation.by,
            service=observation.service,
            took=observation.took,
            late=observation.late,
            beside=observation.beside,
            because=observation.because if outcome is Outcome.UNKNOWN else "",
        )


def ladder(conditions: Mapping[Severity, str]) -> tuple[Rung, ...]:
    """The rungs of `{HIGH: "> 80", CRITICAL: "> 90"}`, mildest first.

    ValueError where there is none, where a rung does not get worse with its severity, or where directions mix.
    """
    rungs = tuple(Rung.parse(severity, conditions[severity]) for severity in sorted(conditions))
    if not rungs:
        raise ValueError("has no rung: give at least one of low, medium, high, critical")
    for mild, bad in itertools.pairwise(rungs):
        if not _gets_worse(mild, bad):
            raise ValueError(
                f"the ladder does not get worse: {bad.severity.word} {bad.words('')!r} after "
                f"{mild.severity.word} {mild.words('')!r}"
            )
    return rungs


def _gets_worse(mild: Rung, bad: Rung) -> bool:
    if NO in (mild.comparison, bad.comparison) or mild.comparison[0] != bad.comparison[0]:
        return False
    if mild.comparison[0] == ">":
        return bad.threshold > mild.threshold
    return bad.threshold < mild.threshold


def amount(value: float | bool, unit: str) -> str:
    """A value as people read it: `1200 jobs`, `512 ms`, `97.3 %`, `yes`."""
    if isinstance(value, bool):
        return "yes" if value else NO
    number = f"{value:.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:.4g}"
    return f"{number} {unit}".rstrip()
