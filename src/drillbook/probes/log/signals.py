"""Signals from the lines of a log: its end, read once for all of them, or what was added since the facts."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from drillbook.probes.log import lines
from drillbook.probes.log.reading import in_time, source_of
from drillbook.probes.log.search import TooLong
from drillbook.probes.question import Unmeasured
from drillbook.probes.values import AHEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drillbook.probes.log.source import Lines, Source
    from drillbook.probes.log.table import LineRead
    from drillbook.system.reads import Read
    from drillbook.system.target import Service

    Found = dict[str, Any]

_NO_TIME = "no time is found in its lines: say where it stands: stamp = '^(?P<time>\\S+)'"
_NO_SUCH_FORM = "no time in its lines is as format says: check stamp and format"
_OTHER_CLOCK = (
    "it was written to {:.0f} s ago, but its newest line is {:.0f} s old by its own time: check stamp, timezone"
)
_LAG = 60.0  # seconds that may pass from a line's own time until it is written
_NO_ZONE = 'the times of its lines have no zone: say timezone = "UTC" in read, or "local"'


async def bring(service: Service, reads: Mapping[str, Read], found: Found, *, anew: bool) -> Found:
    """What its last lines say to each read or, `anew`, how many of those match that were added since the facts."""
    if found.get("failed"):
        return {}
    source = source_of(service)
    each = service.declared.seconds / (2 * len(reads) + 1)  # of the deadline, for match and for stamp
    work = partial(_added, source, reads, each, found["mark"]) if anew else partial(_looked, source, reads, each)
    return await in_time(service, work) | {"asked": 1}


def values(service: Service, key: str, read: Read, reading: Found) -> Found:
    """How many lines match, when the newest did, or the number that it holds, by what the signal wants."""
    brought, wanted = reading["signals"], cast("LineRead", read)
    if "lines" not in brought:
        raise Unmeasured((brought.get("failed") or {"reason": "it was not read"})["reason"])
    if why := brought["lines"][key].get("too_long"):
        raise Unmeasured(why)
    found, signal = brought["lines"][key], service.signals[key.removesuffix(" of")]
    if signal.twice:
        return {"": found["count"]}
    if wanted.seconds is not None:
        _is_covered(found, wanted)
    return {"": None if found["empty"] else _wanted(found, wanted, signal.table.as_)}


def cost(_service: Service, _reads: Mapping[str, Read]) -> int:
    """One look for all of them."""
    return 1


def _looked(source: Source, reads: Mapping[str, Read], seconds: float) -> Found:
    wanted = {key: cast("LineRead", one) for key, one in reads.items()}
    windows = [one.seconds for one in wanted.values()]
    since = time.time() - max(one for one in windows if one) if all(windows) else 0.0
    read = source.end(since)
    about = {"lost": read.lost, "gone": source.gone, "why": read.why, "written": read.written}
    return {"lines": {key: _alone(lines.look, read, one, seconds) | about for key, one in wanted.items()}}


def _added(source: Source, reads: Mapping[str, Read], seconds: float, since: Found) -> Found:
    read, wanted = source.added(since), {key: cast("LineRead", one) for key, one in reads.items()}
    return {"lines": {key: _alone(lines.count, read, one, seconds) for key, one in wanted.items()}}


def _alone(look: Callable[[Lines, LineRead, float], Found], *how: Any) -> Found:
    """What is found; what takes too long spoils no other."""
    try:
        return look(*how)
    except TooLong as error:
        return {"too_long": str(error)}


def _is_covered(found: Found, read: LineRead) -> None:
    """Unmeasured where lines of the window may be missing."""
    since = found["now"] - (read.seconds or 0.0)
    if found["first"] is None and found["zoneless"]:
        raise Unmeasured(_NO_ZONE)
    if found["timeless"] or (found["first"] is None and not found["empty"]):
        raise Unmeasured(_NO_SUCH_FORM if read.format else _NO_TIME)
    _is_of_its_time(found, since)
    if (found["last"] or 0.0) > found["now"] + AHEAD:
        raise Unmeasured("its times lie ahead of this machine's clock: are they in another time zone?")
    covered = found["first"] is not None and found["first"] <= since
    if found["cut"] and not covered:
        raise Unmeasured(found["why"])
    if found["lost"] >= since and not covered:
        raise Unmeasured(found["gone"])


def _is_of_its_time(found: Found, since: float) -> None:
    """Unmeasured where something was written in the window, and no line's own time says so."""
    latest, written = found["latest"], found["written"]
    if latest is not None and latest < since <= written and written - latest > _LAG:
        raise Unmeasured(_OTHER_CLOCK.format(found["now"] - written, found["now"] - latest))


def _wanted(found: Found, read: LineRead, how: str) -> Any:
    if how == "age":
        if found["count"] and found["newest"] is None:
            raise Unmeasured(_NO_ZONE if found["zoneless"] else _NO_TIME)
        return found["newest"]
    if how != "count" and read.captures:
        if found["odd"]:
            raise Unmeasured("what the newest matching line captures is no number: narrow (?P<value>…)")
        return found["value"]
    return [True] * found["count"] if how == "count" else found["count"]
