"""What a probe brings home: a value, or the reason why there is none; who answered; how long it took."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Observation:
    """One answer to one question.

    `value` is a number in `unit`, or True or False for a yes-or-no question, or None where nothing could be
    measured; then `reason` says why. Beside a value, `reason` may explain it (why the answer is no).
    `of` names the part that was looked at where a service has several (a mount point, an endpoint), `by` who
    answered ("redis 127.0.0.1:6379"), and `took` the seconds it took. With `applies` False the question makes
    no sense for this service, which `reason` explains. With `at_least` the real value may be larger.
    """

    value: float | bool | None
    unit: str = ""
    reason: str = ""
    of: str = ""
    by: str = ""
    took: float = 0.0
    applies: bool = True
    at_least: bool = False


def missing(reason: str, *, by: str = "", of: str = "") -> Observation:
    """The observation that could not be made, because of `reason`."""
    return Observation(None, reason=reason, by=by, of=of)


def not_applicable(reason: str, *, by: str = "", of: str = "") -> Observation:
    """The observation that makes no sense here, because of `reason` ("no maxmemory is set")."""
    return Observation(None, reason=reason, by=by, of=of, applies=False)
