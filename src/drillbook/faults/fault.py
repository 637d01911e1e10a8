"""What a fault is: how to break something, how to restore it, and the independent proof that it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

from drillbook.common.inert import inert
from drillbook.common.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from drillbook.stack.handle import Running


@dataclass(frozen=True)
class Evidence:
    """What a witness saw: whether the fault is there now, and in which words it can be told."""

    there: bool
    words: str


@dataclass(frozen=True)
class Fault:
    """One way to break a stack.

    `words` name it ("redis is killed"), `needs` are the compose services it acts on. Entering `inject` breaks;
    leaving it restores the world, whatever was done meanwhile and also where entering failed half-way. `witness` looks
    in another way than the injection, and never raises.
    """

    words: str
    needs: tuple[str, ...]
    inject: Callable[[Running], AbstractContextManager[None]]
    witness: Callable[[Running], Evidence]


def honest(look: Callable[[Running], Evidence]) -> Callable[[Running], Evidence]:
    """A witness that says so where it cannot see: what could not be looked at was not seen."""

    @wraps(look)
    def witness(running: Running) -> Evidence:
        try:
            return look(running)
        except Exception as error:  # a witness reports whatever kept it from seeing
            said = str(error).strip() or type(error).__name__
            return Evidence(False, f"could not look: {inert(scrub(said))[:300]}")

    return witness
