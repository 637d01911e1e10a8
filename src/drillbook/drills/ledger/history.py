"""What became of each write, and what a reading afterwards makes of it: Jepsen's definitions, nothing measured here.

Acknowledged and absent is lost. Indeterminate and present is recovered. Present and never attempted is a phantom;
present although it was refused is a false refusal. Nothing acknowledged proves nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from drillbook.judging import verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SHOWN = 3


class Outcome(StrEnum):
    """What a client knows of its write: acknowledged, definitely not done, or neither."""

    OK = "ok"
    FAIL = "fail"
    MAYBE = "maybe"


@dataclass(frozen=True)
class Write:
    """One attempt: `done` is when its outcome was known, in monotonic seconds; MAYBE without it until then."""

    key: str
    outcome: Outcome = Outcome.MAYBE
    reason: str = "not answered yet"
    done: float | None = None


@dataclass(frozen=True)
class Account:
    """What a ledger comes to.

    `acknowledged` counts the writes acknowledged before the reading began: those `present` and the keys in
    `lost`. `maybe` counts the indeterminate ones, of which `recovered` are there. `failed` counts the refused
    ones, of which those in `denied` are there nonetheless. `phantom` are keys of ours that were never sent.
    `duplicates` counts how often one of our keys was there once more than once. `later` were acknowledged while
    we read, or so lately that they may still turn up, and are not judged. `trouble` says why it could not be
    read; `may_lose` which section accepts losses.
    """

    name: str
    may_lose: str = ""
    trouble: str = ""
    acknowledged: int = 0
    present: int = 0
    lost: list[str] = field(default_factory=list)
    maybe: int = 0
    recovered: int = 0
    failed: int = 0
    denied: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    duplicates: int = 0
    later: int = 0

    @property
    def verdict(self) -> verdict.Outcome:
        """BREACHED, UNKNOWN where nothing could be told, else OK."""
        if self._wrongs():
            return verdict.Outcome.BREACHED
        return verdict.Outcome.UNKNOWN if self._open() else verdict.Outcome.OK

    @property
    def verdict_words(self) -> str:
        """The verdict as one sentence: `orders: LOST 2 of 25 acknowledged (…); 1 open, 1 of them there`."""
        said = [*self._wrongs(), *([f"cannot tell: {self._open()}"] if self._open() else [])]
        return f"{self.name}: {'; '.join([*(said or [self._kept()]), *self._beside()])}"

    def facts(self) -> dict[str, Any]:
        """Everything, plain, as a line of the journal holds it."""
        return {**asdict(self), "verdict": self.verdict.value, "words": self.verdict_words}

    def _open(self) -> str:
        late = f" early enough ({self.later} too lately to be judged)" if self.later else ""
        return self.trouble or ("" if self.acknowledged else f"nothing was acknowledged{late}")

    def _wrongs(self) -> list[str]:
        lost = [] if self.may_lose else self.lost
        return [
            *([f"LOST {len(lost)} of {self.acknowledged} acknowledged ({some(lost)})"] if lost else []),
            *([f"PHANTOM: {len(self.phantom)} there that nobody sent ({some(self.phantom)})"] if self.phantom else []),
            *([f"DENIED: {len(self.denied)} there that were refused ({some(self.denied)})"] if self.denied else []),
        ]

    def _kept(self) -> str:
        if self.lost:
            return f"{self.present} of {self.acknowledged} acknowledged are there"
        return f"all {self.acknowledged} acknowledged are there"

    def _beside(self) -> list[str]:
        allowed = f'{len(self.lost)} lost, which "{self.may_lose}" accepts' if self.lost and self.may_lose else ""
        unclear = f"{self.maybe} indeterminate, {self.recovered} of them there" if self.maybe else ""
        twice = f"{self.duplicates} duplicates" if self.duplicates else ""
        return [words for words in (allowed, unclear, twice) if words]


def account(
    name: str, history: Collection[Write], present: Mapping[str, int], *, prefix: str, began: float, may_lose: str = ""
) -> Account:
    """What `history` comes to, when a reading that began at `began` found the keys `present`, so many times each.

    Keys without our `prefix` are somebody else's. `history` must hold every write begun before the reading ended.
    """
    ours = {key: times for key, times in present.items() if key.startswith(prefix)}
    acknowledged = [write for write in history if write.outcome is Outcome.OK]
    judged = [write.key for write in acknowledged if write.done is not None and write.done < began]
    maybe = [write.key for write in history if write.outcome is Outcome.MAYBE]
    refused = [write.key for write in history if write.outcome is Outcome.FAIL]
    lost = sorted(key for key in judged if key not in ours)
    return Account(
        name,
        may_lose=may_lose,
        acknowledged=len(judged),
        present=len(judged) - len(lost),
        lost=lost,
        maybe=len(maybe),
        recovered=sum(key in ours for key in maybe),
        failed=len(refused),
        denied=sorted(key for key in refused if key in ours),
        phantom=sorted(ours.keys() - {write.key for write in history}),
        duplicates=sum(times - 1 for times in ours.values()),
        later=len(acknowledged) - len(judged),
    )


def unreadable(found: Account, reason: str) -> Account:
    """The account of a ledger that could not be read to its end: it knows of no loss, and cannot tell."""
    return replace(found, trouble=reason, present=0, lost=[], recovered=0, denied=[], phantom=[], duplicates=0)


def some(keys: list[str]) -> str:
    """The first keys, and how many more there are."""
    more = f", and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more
