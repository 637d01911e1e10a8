"""Asks a server that speaks the API of Prometheus: one question after the other, all over one connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drillbook.probes.page import MEBIBYTE, address, connection, get
from drillbook.probes.turn import TOO_MANY, unasked
from drillbook.probes.turns import turn_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpx import AsyncClient

    from drillbook.probes.page import Page
    from drillbook.probes.turn import Turn
    from drillbook.system.target import Service

DEADLINES = 2  # as long as so many, all questions together may take
_TOO_LONG = "not asked: what was asked before took longer than two deadlines: ask for less, or raise the deadline"


async def in_turn(server: Service, paths: Mapping[str, str], *, first: str = "", behind: str = "") -> dict[str, Page]:
    """What is answered at each of `paths`; once one hangs, or all the time is gone, what is left is not asked.

    Where that of them which is called `first` has no answer, or one is asked too often, that is told of all behind it;
    and of all of them what is told of the question `behind` which they come, where that waits for its turn. Whoever
    else asks the server at the same time begins once the first is done, if there is time left then.
    """
    found: dict[str, Page] = {}
    turn, ends = turn_of(server), time.monotonic() + DEADLINES * server.declared.seconds
    async with turn.behind_the_first(), connection(server.address, server.proxy) as over:
        ended = turn.left.get(behind)
        for name in sorted(paths, key=lambda one: one == turn.last and one != first):
            if name == turn.last:
                turn.at_last()
            late = time.monotonic() > ends and not turn.hangs
            told = ended or (unasked(_TOO_LONG) if late else turn.instead(name))
            page = found[name] = told or await _asked(server, turn, name, paths[name], over)
            if page["status"] == TOO_MANY or (name == first and page["status"] != 200):
                ended = page | {"unasked": True}
    return found


async def _asked(server: Service, turn: Turn, name: str, path: str, over: AsyncClient) -> Page:
    url, seconds, cap = address(server.address, path), server.declared.seconds, 16 * MEBIBYTE
    page = await get(url, headers=server.headers, seconds=seconds, cap=cap, proxy=server.proxy, over=over)
    return turn.hear(name, page, asked=path.partition("?")[0])


def asked(pages: Mapping[str, Page]) -> int:
    """How many questions these are answers to."""
    return sum(not page.get("unasked") for page in pages.values())
