"""Visits the declared endpoints in place of users: paced, within the service's budget, and not on where it is mute."""

from __future__ import annotations

import asyncio
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.http.asking import ask as ask_page
from drillbook.probes.http.asking import ask_at_last
from drillbook.probes.http.figures.ours import WANTED, visited
from drillbook.probes.http.login import LoggedIn, logged_in
from drillbook.probes.http.table import ENDPOINT
from drillbook.probes.turns import turn_of
from drillbook.system.budgets import Budget

if TYPE_CHECKING:
    from drillbook.probes.http.table import HttpService
    from drillbook.probes.page import Page
    from drillbook.system.target import Service


def wanted(service: Service, cost: int) -> int:
    """How many requests we make ourselves: none where users do, or where a round of `cost` leaves no room for all."""
    declared = cast("HttpService", service.declared)
    if service.traffic != "ours" or not visited(declared):
        return 0
    count = Budget.parse(declared.budget).count if declared.budget else cost + WANTED
    return WANTED if count >= cost + WANTED else 0


async def visit(service: Service, count: int, seconds: float) -> dict[str, Any]:
    """So many requests to the endpoints in turn, spread over `seconds`: the pages, and how many were asked for."""
    declared = cast("HttpService", service.declared)
    turn, given = turn_of(service), await logged_in(service) if count else LoggedIn()
    under_way, found = asyncio.Semaphore(declared.at_once), list["Page"]()

    async def ask(number: int, name: str) -> None:
        await asyncio.sleep(number * seconds / count)
        async with under_way:
            page = await ask_page(service, f"{ENDPOINT}{name}", declared.endpoints[name], given=given)
            found.append(page | {"endpoint": name, "body": ""})

    await asyncio.gather(*(ask(*one) for one in enumerate(islice(cycle(visited(declared)), count))))
    await ask_at_last(service)
    return {"visits": found, "asked": turn.counted()}
