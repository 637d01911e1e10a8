"""Asks a service for its pages: what is timed several times, endpoints side by side, and no more than it can bear.

Once half of the deadline is gone nothing is asked a second time, and once all of it is gone what has not begun is left
out: a sick service must not make everybody wait. Once something hangs nothing more is begun: it may hold one of the
few processes that serve everybody. Only the health page is asked once more then, at the end.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from drillbook.probes.http.alive import health_page
from drillbook.probes.http.login import headers, logged_in, without_login
from drillbook.probes.lateness import typical
from drillbook.probes.page import MEBIBYTE, address, get
from drillbook.probes.turn import unasked
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.probes.http.login import LoggedIn
    from drillbook.probes.http.pages import Asked
    from drillbook.probes.http.pages import Page as Declared
    from drillbook.probes.http.table import HttpService
    from drillbook.probes.page import Page
    from drillbook.probes.turn import Turn
    from drillbook.system.target import Service


_TOO_LONG = "longer than the deadline: raise at_once or the deadline"


async def ask(service: Service, name: str, page: Asked, *, given: LoggedIn, cap: int = MEBIBYTE) -> Page:
    """The page that is called `name`, asked with its headers and what a login gave, within its deadline.

    Where it is not its turn, what is told in place of an answer.
    """
    return turn_of(service).instead(name) or await _asked(service, name, page, given=given, cap=cap)


async def ask_at_last(service: Service) -> None:
    """Asks for the health page once more where another question hangs: it may be the service as a whole by now.

    What it answers then is `after` in all that is read of the service in this round.
    """
    turn, (name, page) = turn_of(service), health_page(service)
    if not turn.hangs or turn.mute or name in turn.left:
        return
    turn.speaks = name
    # nothing else is under way: what hangs then is what the service has come to
    after = await _asked(service, name, page, given=await logged_in(service)) | {"beside": 0}
    turn.found["after"] = turn.left[name] = after


async def _asked(service: Service, name: str, page: Asked, *, given: LoggedIn, cap: int = MEBIBYTE) -> Page:
    declared = cast("HttpService", service.declared)
    url, sent, seconds = address(service.address, page.path), headers(service, name, given), declared.seconds_of(page)
    found = await get(url, headers=sent, seconds=seconds, cap=cap, proxy=service.proxy)
    return turn_of(service).hear(name, without_login(found, given), asked=page.path)


@dataclass
class Asking:
    """One reading of `service`, with what a login gave."""

    service: Service
    turn: Turn
    given: LoggedIn
    _taken: dict[str, list[Page]] = field(default_factory=dict)
    _sound: set[str] = field(default_factory=set)
    _beside: dict[int, int] = field(default_factory=dict)  # for each under way, how many others there were at most
    _silent: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _began: float = field(default_factory=time.monotonic)

    async def once(self, pages: Mapping[str, Declared]) -> None:
        """Asks for each of `pages`, one after the other."""
        for name, page in pages.items():
            await self._take(name, page)

    async def again(self, pages: Mapping[str, Declared]) -> None:
        """Asks for each of `pages`, which have been asked for once, until there are as many samples as declared."""
        for taken in range(1, self._most(pages)):
            await self.once(self._worth_repeating(pages, taken))

    async def side_by_side(self, pages: Mapping[str, Declared]) -> None:
        """Asks for `pages`, as often as declared, so many at once as the file allows."""
        await self._at_once(pages)
        for taken in range(1, self._most(pages)):
            await self._at_once(self._worth_repeating(pages, taken))

    def pages(self) -> dict[str, Page]:
        """Each page as it was when something was wrong with it, or with what is typical of its samples."""
        return {name: self._page(name, taken) for name, taken in self._taken.items()}

    @property
    def _declared(self) -> HttpService:
        return cast("HttpService", self.service.declared)

    def _page(self, name: str, taken: list[Page]) -> Page:
        page, most = taken[-1], self.turn.most.get(name, math.inf)
        declared = self._declared.pages().get(name)
        wanted = self._declared.samples_of(declared) if declared else 1
        if most <= len(taken) < wanted:
            page = page | {"fewer": f"{len(taken)} of {wanted} samples: its budget has no more room"}
        if len(taken) == 1 or name not in self._sound:
            return page
        samples = [[one["took"], one["late"], one["beside"]] for one in taken]
        beside = max(one["beside"] for one in taken)
        return page | typical(taken) | {"beside": beside, "samples": samples}  # type: ignore[arg-type]

    def _most(self, pages: Mapping[str, Declared]) -> int:
        return max(map(self._declared.samples_of, pages.values()), default=0)

    def _worth_repeating(self, pages: Mapping[str, Declared], taken: int) -> dict[str, Declared]:
        if self.turn.hangs or time.monotonic() - self._began > self._declared.longest / 2:
            return {}
        wanted = {name: page for name, page in pages.items() if self._declared.samples_of(page) > taken}
        return {name: page for name, page in wanted.items() if name in self._sound and self._room(name)}

    def _room(self, name: str) -> bool:
        return len(self._taken.get(name, ())) < self.turn.most.get(name, math.inf)

    async def _at_once(self, pages: Mapping[str, Declared]) -> None:
        waiting, ends = deque(pages.items()), time.monotonic() + self._declared.longest

        async def ask() -> None:
            while waiting and time.monotonic() < ends:
                await self._take(*waiting.popleft())

        await asyncio.gather(*(ask() for _ in range(min(self._declared.at_once, len(waiting)))))
        for name, page in waiting:
            too_slow = unasked(f"not asked: {len(pages) - len(waiting)} others took {_TOO_LONG}")
            await self._take(name, page) if self.turn.hangs else self._taken.setdefault(name, [too_slow])

    async def _take(self, name: str, page: Declared) -> None:
        """Asks for a page whose turn it is; nothing is begun while something hangs."""
        if told := self.turn.instead(name):
            self._taken.setdefault(name, [told])
        else:
            await self._ask(name, page)

    async def _ask(self, name: str, page: Declared) -> None:
        mine, beside = next(self._numbers), len(self._beside)
        self._beside = {one: max(most, beside) for one, most in self._beside.items()} | {mine: beside}
        taken = await ask(self.service, name, page, given=self.given)
        taken |= {"beside": self._beside.pop(mine), "budget": name in self.turn.most}
        self._taken.setdefault(name, []).append(taken)
        sound = taken["error"] is None and page.expects(taken["status"])
        (self._sound.add if sound else self._sound.discard)(name)
        if taken.get("silent"):
            taken["beside"] = len(self._silent)  # the first that hangs waits for nothing of ours
            self._silent.append(name)
