"""The words in which health pages say that something is well, or that it is not."""

from __future__ import annotations

import re
from itertools import chain, count
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

T = TypeVar("T")

# What is ill, and what the same software says where it is well: several words, where it may be any of them.
OPPOSITES = {
    "down": "up",
    "out_of_service": "up",
    "unhealthy": "healthy",
    "degraded": "healthy ok up",
    "fail": "pass",
    "warn": "pass",
    "failing": "passing",
    "critical": "passing ok",
    "warning": "passing ok",
    "error": "ok",
    "failed": "ok passed",
    "failure": "ok success",
    "not ok": "ok",
    "nok": "ok",
    "ko": "ok",
    "bad": "ok good",
    "unavailable": "available ok",
    "disconnected": "connected",
    "unreachable": "reachable ok",
    "timeout": "ok connected",
    "not ready": "ready",
    "not_ready": "ready",
    "dead": "alive",
    "offline": "online",
    "stopped": "running",
    "red": "green",
    "yellow": "green",
}
# What is well enough for the whole, as ASP.NET and the draft of health+json spell it; and the statuses beside 200.
ALSO_RIGHT = {"Healthy": "Degraded", "pass": "warn"}
STATUSES = {"pass": "2xx"}


def listed(text: str) -> frozenset[str]:
    """The words in a text."""
    return frozenset(text.split())


# What is well beside the opposites of what is ill.
WELL = (
    listed(" ".join(OPPOSITES.values()))
    | listed("working operational serving fine live normal")
    | {"all systems operational"}
)


def is_well(said: object) -> bool:
    """Whether it says that something is well, and nothing else."""
    return said is True or (isinstance(said, str) and said.strip().casefold() in WELL)


def is_ill(said: object) -> bool:
    """Whether it says that something is not well, perhaps with the reason behind it."""
    return said is False or (isinstance(said, str) and _word(said) in OPPOSITES)


def begins_well(said: object) -> bool:
    """Whether it says that something is well, and more: how long that took, say."""
    return isinstance(said, str) and _word(said) in WELL and not is_well(said)


def is_word(said: object) -> bool:
    """Whether it says either."""
    return is_well(said) or is_ill(said)


def right(said: str) -> tuple[str, ...]:
    """What it says while it is well: that word, or those that may be the opposite of one for ill."""
    if is_well(said):
        return (said.strip(),)
    return tuple(like(said, word) for word in OPPOSITES[_word(said)].split())


def well_enough(said: str) -> tuple[str, ...]:
    """What of a whole counts as well beside that word for well: `Degraded` of `Healthy`."""
    return (ALSO_RIGHT[said],) if said in ALSO_RIGHT else ()


def is_mild(said: object) -> bool:
    """Whether a part may say so, and the whole be well all the same."""
    return isinstance(said, str) and said in ALSO_RIGHT.values()


def like(said: str, word: str) -> str:
    """`word`, in capitals as `said` is: `UP`, `Healthy`, `ok`."""
    return word.upper() if said.isupper() else word.capitalize() if said[:1].isupper() else word


def unused(name: str, taken: Container[str]) -> str:
    """That name, or with a number the first that is not taken."""
    return next(one for one in chain([name], (f"{name}-{number}" for number in count(2))) if one not in taken)


def named(things: Iterable[tuple[str, T]], other: str, taken: Iterable[str] = ()) -> dict[str, T]:
    """Things under names of their own, made from what they are called, or from that `other` word."""
    found: dict[str, T] = {}
    for called, thing in things:
        found[unused(slug(called) or other, {*found, *taken})] = thing
    return found


def slug(text: str) -> str:
    """A name for a system file made from whatever a target calls it; empty where nothing is left."""
    plain = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", text).lower())
    return re.sub(r"^[^a-z]+|-+$", "", plain)[:40].rstrip("-")


def _word(said: str) -> str:
    """The word that it begins with, up to what is told beside it: `unavailable` of `Unavailable: no route`."""
    return re.split(r"\s*[:;,(]", said.strip().casefold(), maxsplit=1)[0]
