"""One service in one round: what it may be asked, what is told in place of an answer, and what hangs by now.

Whoever asks a service looks at its turn first (`instead`), and lets it hear what came of each question (`hear`): once
one hangs nothing more is begun in that round, whoever would ask it. Each question has a name.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drillbook.probes.failure import failure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from drillbook.probes.failure import Failure
    from drillbook.system.target import Service

Page = dict[str, Any]
TOO_MANY = 429


def _nobody(_what: str, _page: Page) -> None:
    """Who hears of answers outside of rounds."""


@dataclass
class Turn:
    """What may be asked of a service this time, which begins `at` that moment.

    `left` has, by question, what is told in place of an answer, `whole` what is told in place of any; `last` is the
    one that hung and is put after all others, alone; `most` is how often a page may be asked where a budget says so.
    `speaks` is the question whose silence is that of the service as a whole. `found` belongs into all that is read of
    the service in this round. `ahead` is held by who asks ahead of others.
    """

    left: dict[str, Page] = field(default_factory=dict)
    last: str = ""
    most: dict[str, int] = field(default_factory=dict)
    at: float = 0.0
    whole: Page | None = None
    tell: Callable[[str, Page], None] = _nobody
    speaks: str = ""
    mute: bool = False
    found: dict[str, Any] = field(default_factory=dict)
    ahead: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked: int = 0
    _all_were: bool = False

    @property
    def hangs(self) -> str:
        """What was asked first, of all that did not answer, and that it did not; empty where nothing hangs."""
        return str(self.found.get("hangs", ""))

    def instead(self, what: str) -> Page | None:
        """What is told in place of an answer to this question; None where it may be put."""
        return self.left.get(what) or (left_alone(self.hangs) if self.hangs else self.whole)

    def hear(self, what: str, page: Page, *, asked: str) -> Page:
        """Takes note of the answer to what was `asked`, and gives it back; what hangs or refuses is not asked again."""
        self._asked += 1
        self._take(what, page, asked)
        return page

    def hear_of(self, what: str, failed: Failure | None, *, asked: str) -> None:
        """Takes note of how questions ended that have no page: why they `failed`, if they did; not of what was told."""
        why = failed or {}
        if not why.get("told"):
            status = TOO_MANY if why.get("too_often") else None
            self._take(what, {"status": status, "error": failed, "silent": why.get("silent", False)}, asked)

    def hear_of_all(self, reading: Mapping[str, Any]) -> None:
        """Takes note of whether the service as a whole is mute, of which this was read."""
        if self.mute or reading.get("mute") or (reading.get("failed") or {}).get("silent"):
            silence = silence_in(reading) or {"reason": "it is mute"}
            self.found.setdefault("hangs", silence["reason"])
            self.mute = True

    def _take(self, what: str, page: Page, asked: str) -> None:
        if page.get("silent") or page["status"] == TOO_MANY:
            self.left[what] = page | {"unasked": True, "error": page["error"] and {**page["error"], "told": True}}
        if page.get("silent"):
            self.found.setdefault("hangs", f"{asked}: {page['error']['reason']}")
            self.mute |= what == self.speaks
        self.tell(what, page)

    @asynccontextmanager
    async def behind_the_first(self) -> AsyncIterator[None]:
        """Of several who ask much at the same time the first does so ahead of all others: they know what hangs then."""
        is_first = not self.ahead.locked()
        async with self.ahead:
            if is_first:
                yield
        if not is_first:
            yield

    def at_last(self) -> None:
        """From here on what hung before may be asked: all the others have been."""
        if not self._all_were:
            self.left.pop(self.last, None)
        self._all_were = True

    def counted(self) -> int:
        """How many questions were put since this was last called."""
        asked, self._asked = self._asked, 0
        return asked


def unasked(why: str, *, for_now: bool = False) -> Page:
    """What is told of a page that is not asked; `for_now` where it is again, and that is as it should be."""
    return not_asked(failure("unknown", why) | ({"for_now": True} if for_now else {}))


def not_asked(error: Mapping[str, Any]) -> Page:
    """What is told of a page that is not asked, with that error in place of an answer."""
    nothing = {"status": None, "body": "", "took": 0.0, "late": 0.0, "beside": 0, "by": ""}
    return {**nothing, "error": {**error, "told": True}, "unasked": True}


def ask_less(service: Service) -> str:
    """What is to be done where a service answers 429."""
    return f"state a budget (services.{service.name}, or of the endpoint alone)"


def left_alone(hangs: str) -> Page:
    """What is told of a page that is not asked because another one hangs."""
    return unasked(f"not asked: {hangs}, and what hangs is left alone")


def is_silence(told: Mapping[str, Any]) -> bool:
    """Whether that is a silence which was heard in its round, and not told of in place of an answer."""
    return bool(told.get("silent")) and "reason" in told and not told.get("told")


def silence_in(told: Any) -> Failure | None:
    """The first silence in what was read; None where there is none."""
    if not isinstance(told, dict):
        return None
    if is_silence(told):
        return told
    return next(filter(None, map(silence_in, told.values())), None)
