"""What is not OK, told once: causes, worst first, each with what is not OK because of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from drillbook.judging.verdict import Outcome, Verdict, badness

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

T = TypeVar("T")
NAMED, LONGEST = 6, 100
_PART, _NO_PART = "health.", "health.latency"
_WHOLE = ("api.ready", "api.healthy")  # what a service says of itself with all that it depends on


@dataclass
class Finding(Generic[T]):
    """A cause and its effects, and the `worst` of them: the cause, unless a service says worse because of it."""

    cause: T
    worst: T
    effects: list[T] = field(default_factory=list)


def findings(found: Sequence[T], verdict_of: Callable[[T], Verdict], ups: Collection[str]) -> list[Finding[T]]:
    """What of `found`, which is worst first, is not OK: the causes in that order, equals that others come of first.

    An effect names its cause, or says the very same of the same service: then the first of them speaks for all. What
    another service says of one that is down is an effect too, and its cause comes as early as the worst of them. `ups`
    are the limits by which services are down.
    """
    bad = [one for one in found if verdict_of(one).outcome not in (Outcome.OK, Outcome.SKIPPED)]
    blamed = _blamed([*map(verdict_of, bad)], ups)
    named = {verdict_of(one).because for one in bad} | {*blamed.values()}
    weights = _weights([*map(verdict_of, bad)], blamed)
    ordered = sorted(bad, key=lambda one: _rank(verdict_of(one), named, weights))
    told: list[Finding[T]] = []
    speaks: dict[Hashable, Finding[T]] = {}
    for one in ordered:
        verdict = verdict_of(one)
        finding = speaks.get(blamed.get(verdict.title, "")) or _spoken_for(verdict, speaks, verdict_of)
        if finding:
            finding.effects.append(one)
            finding.worst = max(finding.worst, one, key=lambda each: badness(verdict_of(each)))
        else:
            finding = Finding(one, one)
            told.append(finding)
        for key in (verdict.title, _same(verdict)):
            speaks.setdefault(key, finding)
    return told


def and_so(cause: Verdict, effects: Sequence[Verdict], most: int = NAMED) -> str:
    """`and so 9 more: redis.memory, redis.ping, …`; what is red in its own right says so, and the worst of all why."""
    worst = max([cause, *effects], key=badness)
    names = [_named(one, why=one is worst) for one in effects]
    return f"and so {len(names)} more: {', '.join(names[:most])}{', …' if len(names) > most else ''}"


def _named(effect: Verdict, *, why: bool) -> str:
    if not _red(effect) or not effect.severity:
        return effect.title
    reason = f": {effect.reason:.{LONGEST}}" if why and effect.reason else ""
    return f"{effect.title} ({effect.severity.name}{reason})"


def _blamed(bad: Sequence[Verdict], ups: Collection[str]) -> dict[str, str]:
    """Of what services say of others, by title, who is down: the service that a red part of health is named after.

    That it is not ready or not healthy comes of that too, where each of its parts that are not OK does.
    """
    down = {one.service: one.title for one in bad if _says_no(one) and one.name in ups}
    parts = [one for one in bad if one.name.startswith(_PART) and one.name != _NO_PART]
    named = {one.title: (one, one.name.removeprefix(_PART)) for one in parts if _says_no(one)}
    blamed = {title: down[name] for title, (one, name) in named.items() if name in down and name != one.service}
    for one in filter(_says_no, bad):
        its = [part.title for part in parts if one.name in _WHOLE and part.service == one.service]
        if its and all(title in blamed for title in its):
            blamed[one.title] = blamed[its[0]]
    return blamed


def _weights(bad: Sequence[Verdict], blamed: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """How bad the worst is that others say because of what is blamed, by its title."""
    found: dict[str, tuple[int, int]] = {}
    for one in bad:
        if cause := blamed.get(one.title):
            found[cause] = max(found.get(cause, (0, 0)), badness(one))
    return found


def _rank(verdict: Verdict, named: set[str], weights: Mapping[str, tuple[int, int]]) -> tuple[int, int, bool, bool]:
    """What comes first: the worst; of equals what others come of, then whether something is up at all."""
    outcome, severity = max(badness(verdict), weights.get(verdict.title, (0, 0)))
    return -outcome, -severity, verdict.title not in named, not verdict.name.endswith(".up")


def _spoken_for(
    verdict: Verdict, speaks: dict[Hashable, Finding[T]], verdict_of: Callable[[T], Verdict]
) -> Finding[T] | None:
    """The finding that `verdict` is an effect of: something milder speaks for nobody."""
    found = (speaks.get(key) for key in (verdict.because, _same(verdict)) if key)
    return next((one for one in found if one and _severity(verdict_of(one.worst)) >= _severity(verdict)), None)


def _same(verdict: Verdict) -> Hashable:
    """What two verdicts have in common that say the very same; a value of its own is always worth a line."""
    if verdict.outcome is Outcome.UNKNOWN and verdict.reason:
        return Outcome.UNKNOWN, verdict.reason
    return (verdict.service, verdict.reason) if _says_no(verdict) and verdict.reason else None


def _says_no(verdict: Verdict) -> bool:
    return _red(verdict) and verdict.value is False


def _red(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.BREACHED and verdict.severity is not None


def _severity(verdict: Verdict) -> int:
    return verdict.severity or 0
