"""Signals from a service that speaks HTTP: each page once for all that is read there, and its metrics as they are.

What was asked of health, say, is not asked again.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes import jsonpath, series
from drillbook.probes.failure import said
from drillbook.probes.http.alive import HEALTH, READY, alive
from drillbook.probes.http.answers import usable
from drillbook.probes.http.asking import ask, ask_at_last
from drillbook.probes.http.figures import one_process
from drillbook.probes.http.figures.one_process import Counted
from drillbook.probes.http.login import is_logged_in, logged_in
from drillbook.probes.http.pages import Asked
from drillbook.probes.http.reading import pages_of
from drillbook.probes.question import Unmeasured
from drillbook.probes.turns import turn_of
from drillbook.system.paths import leads_to_one, query, segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.probes.http.figures.table import Metrics
    from drillbook.probes.http.table import HttpService, PageRead
    from drillbook.probes.measure import Readings
    from drillbook.probes.page import Page
    from drillbook.system.reads import Read
    from drillbook.system.target import Service

    Location = tuple[str | int, ...]

HEALTH_PAGES, UNREADY = (HEALTH, READY), 503  # such a page says what is so, whatever its status


async def bring(service: Service, reads: Mapping[str, Read], found: dict[str, Any], *, anew: bool) -> dict[str, Any]:
    """The pages that are read, by path; of those that were asked just now, what they answered. None of what is down."""
    if not alive(service, found["pages"]):
        return {}
    turn, known = turn_of(service), {} if anew else _known(service, found["pages"])
    wanted = dict.fromkeys(path for read in reads.values() if (path := cast("PageRead", read).path))
    hung = [path for path in wanted if path not in known and _declared(service, path)[0] == turn.last]
    pages = {path: known[path] for path in wanted if path in known}
    pages |= await _side_by_side(service, [path for path in wanted if path not in (*known, *hung)])
    pages |= await _side_by_side(service, hung)
    await ask_at_last(service)
    return {"pages": pages, "asked": turn.counted()}


async def _side_by_side(service: Service, paths: list[str]) -> dict[str, Page]:
    free = asyncio.Semaphore(cast("HttpService", service.declared).at_once)

    async def ask_at(path: str) -> Page:
        async with free:
            return await page_at(service, path)

    return dict(zip(paths, await asyncio.gather(*map(ask_at, paths)), strict=True))


async def page_at(service: Service, path: str) -> Page:
    """The page as it is now; of one that the file declares, with its headers."""
    name, page = _declared(service, path)
    return await ask(service, name, page, given=await logged_in(service))


def in_place_of(service: Service, path: str) -> Page | None:
    """What is told of the page where it is not its turn; None where it may be asked."""
    return turn_of(service).instead(_declared(service, path)[0])


def steps(service: Service) -> int:
    """How many requests a page costs now: a login comes first where this process has not logged in yet."""
    return 2 if cast("HttpService", service.declared).login and not is_logged_in(service) else 1


def keeps_to_rounds(service: Service, path: str) -> str:
    """Why a page is asked in rounds alone; empty where it may be asked at any time."""
    endpoints = cast("HttpService", service.declared).endpoints
    name = next((name for name, one in endpoints.items() if one.path == path and one.budget), "")
    key = f"services.{service.name}.endpoints.{name}.budget"
    return f"{path} is not asked beside the run's own rounds, for which its budget is kept ({key})" if name else ""


def values(service: Service, _key: str, read: Read, reading: dict[str, Any]) -> dict[str, Any]:
    """What the page holds there, each under the part of its path that the file leaves open; or each series."""
    wanted = cast("PageRead", read)
    if wanted.metric:
        return series.named(_metrics(service, reading), wanted.metric, wanted.labels)
    path, where = str(wanted.path), str(wanted.json_)
    if path not in reading["signals"].get("pages", {}):
        raise Unmeasured((reading["signals"].get("failed") or {"reason": f"{path} was not asked"})["reason"])
    return at(service, reading["signals"]["pages"][path], path, where, wanted.named_by)


def at(service: Service, page: dict[str, Any], path: str, where: str, named_by: str | None = None) -> dict[str, Any]:
    """All that a page's JSON holds at a path, by what the path leaves open, or by what names each item there.

    Unmeasured where it is no such page.
    """
    name, declared = _declared(service, path)
    its_own = name in HEALTH_PAGES and page["status"] == UNREADY
    body = (page if its_own else usable(service, page, path, declared))["body"]
    try:
        return _found(_document(body), where, named_by)
    except Unmeasured as error:
        raise Unmeasured(f"{path} {error.reason}") from None


def hold_together(service: Service, key: str, read: Read, readings: Readings) -> None:
    """Unmeasured where not all that was read of a counter is of one process."""
    first, second = (list(_counted(service, key, read, one)) for one in (readings.first, readings.second))
    grown = max(0.0, second[0].requests - first[0].requests)
    several, seconds = bool(readings.second.get("several")), readings.seconds
    one_process.hold_together(None, first, second, rate=grown / seconds, apart=seconds, several=several)


def cost(service: Service, reads: Mapping[str, Read]) -> int:
    """Each page once that is not asked anyway."""
    known = {page.path for page in pages_of(service).values()}
    return len({path for read in reads.values() if (path := cast("PageRead", read).path)} - known)


def _known(service: Service, pages: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked just now and answered, by path."""
    declared = pages_of(service)
    answered = {name: page for name, page in pages.items() if name in declared and page["status"] is not None}
    return {declared[name].path: page for name, page in answered.items()}


def _counted(service: Service, key: str, read: Read, reading: dict[str, Any]) -> Iterator[Counted]:
    """What was read at one end of the interval: of metrics twice, one directly after the other."""
    again = reading.get("again") if read.counts else None
    for page in filter(None, (reading.get("metrics"), again)) if read.counts else (None,):
        found = values(service, key, read, reading | {"metrics": page, "signals": reading["counted"]})
        counters = {name: value for name, value in found.items() if isinstance(value, int | float)}
        process = series.process(page["body"]) if page else {}
        yield Counted(counters, sum(counters.values()), process)


def _declared(service: Service, path: str) -> tuple[str, Asked]:
    """The page at that path and its name; one that the file does not declare is called by its path."""
    return next((one for one in pages_of(service).items() if one[1].path == path), (path, Asked(path=path)))


def _metrics(service: Service, reading: dict[str, Any]) -> str:
    page, declared = reading.get("metrics"), cast("Metrics", cast("HttpService", service.declared).metrics)
    path = declared.path
    if page is None:
        raise Unmeasured(f"{path}: {(reading.get('lost') or {'reason': 'the metrics were not read'})['reason']}")
    return str(usable(service, page, path, declared)["body"])


@lru_cache(maxsize=8)
def _document(body: str) -> Any:
    return jsonpath.parse(body)


def _found(document: Any, path: str, named_by: str | None) -> dict[str, Any]:
    if leads_to_one(path):
        return {"": jsonpath.find(document, path)}
    steps = segments(path)[1:]
    open_ = [number for number, step in enumerate(steps) if not leads_to_one(f"${step}")]
    jsonpath.find(document, "$" + "".join(steps[: open_[0]]))  # what it is looked for in must be there
    behind = len(steps) - 1 - open_[-1]
    around = _nodes(document, "$" + "".join(steps[: open_[-1] + 1]))
    there = {place: value for place, value in around.items() if not behind or isinstance(value, dict | list)}
    found = {place[: len(place) - behind]: value for place, value in _nodes(document, path).items()}
    if named_by:
        return _by_their_names({place: (item, found.get(place)) for place, item in around.items()}, named_by)
    return {".".join(map(str, place[open_[0] :])): found.get(place) for place in there}


def _by_their_names(items: Mapping[Location, tuple[Any, Any]], named_by: str) -> dict[str, Any]:
    """The value of each item under what the item is called."""
    named: dict[str, Any] = {}
    for place, (item, value) in items.items():
        name = jsonpath.find_all(item, named_by)
        if len(name) != 1 or name[0] is None or isinstance(name[0], dict | list):
            raise Unmeasured(f"has an item ({'.'.join(map(str, place))}) that {named_by} gives no name")
        if str(name[0]) in named:
            raise Unmeasured(f"has two items that are called {said(name[0])!r} at {named_by}")
        named[str(name[0])] = value
    return named


def _nodes(document: Any, path: str) -> dict[Location, Any]:
    return {tuple(node.location): node.value for node in query(path).find(document)}
