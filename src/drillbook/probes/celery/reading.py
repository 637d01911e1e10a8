"""Reads Celery through its broker without writing to it: its queues, how long they are, and who is connected.

A key that is not there is not looked up: a broker that is a cache too would count a miss, and another run that reads
its hit rate meanwhile would take that for the application's. MEMORY USAGE is no look-up to Redis.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from redis.exceptions import ResponseError

from drillbook.probes.failure import failure
from drillbook.probes.redis.reading import Commands, counted, session

if TYPE_CHECKING:
    from drillbook.probes.celery.table import CeleryService
    from drillbook.system.target import Service

_EXCHANGE = "celery"  # the one that Celery's default queue is bound to
_BINDINGS = "_kombu.binding."
_UNACKED = "unacked"
_PRIORITIES = range(10)
_SEPARATORS = ("\x06\x16", ":")  # kombu's own, and the one in its documentation


async def facts(service: Service) -> dict[str, Any]:
    """How long each list of each declared queue is, what is delivered and not acknowledged, which queues there are.

    Where jobs wait, `moment` is what is so at one moment: how many wait in each queue, and who takes jobs.
    """
    declared = cast("CeleryService", service.declared)

    async def queues(commands: Commands) -> dict[str, Any]:
        lengths = {
            queue: {key: await _length(commands, "LLEN", key) for key in _lists(declared, queue)}
            for queue in declared.queues
        }
        found = {
            "lengths": lengths,
            "unacked": await _length(commands, "HLEN", _unacked(declared)),
            "bound": await _bound(commands, declared),
            "undeclared": await _there(commands, _others(declared)),
        }
        waiting = {queue: held for queue, keys in lengths.items() if (held := [key for key in keys if keys[key]])}
        return found | ({"moment": await _moment(commands, _unacked(declared), waiting)} if waiting else {})

    return await session(service, queues)


async def counters(service: Service, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Who is connected to the broker now, and whether anybody holds jobs; None where nobody answers."""
    declared = cast("CeleryService", service.declared)

    async def clients(commands: Commands) -> dict[str, Any]:
        found = _clients(await commands.ask("CLIENT", "LIST"))
        return {"clients": found, "holding": await _is_there(commands, _unacked(declared)), "at": time.monotonic()}

    return None if facts["failed"] else await counted(service, clients)


def cost(service: Service) -> int:
    """Whether each key is there, and then what it holds, of lists twice where jobs wait; and who is connected."""
    declared = cast("CeleryService", service.declared)
    lists = sum(len(_lists(declared, queue)) for queue in declared.queues)
    return 3 * lists + 2 * len(_exchanges(declared)) + 2 + len(_others(declared)) + 5 + 2 * 2


def _lists(declared: CeleryService, queue: str) -> list[str]:
    """The queue's keys: kombu's name of a list is the queue's for priority 0, and has the priority behind it else."""
    steps = [step for step in declared.priority_steps if step]
    return [declared.key_prefix + queue, *(_list(declared, queue, declared.separator, step) for step in steps)]


def _list(declared: CeleryService, queue: str, separator: str, step: int) -> str:
    return f"{declared.key_prefix}{queue}{separator}{step}"


def _others(declared: CeleryService) -> list[str]:
    """Keys in which jobs would wait if the application had other steps or another separator than the file says."""
    said = declared.model_fields_set
    separators = {declared.separator} if "separator" in said else {declared.separator, *_SEPARATORS}
    steps = declared.priority_steps if "priority_steps" in said else _PRIORITIES
    known = {key for queue in declared.queues for key in _lists(declared, queue)}
    keys = {
        _list(declared, queue, separator, step)
        for queue in declared.queues
        for separator in separators
        for step in steps
        if step
    }
    return sorted(keys - known)


def _unacked(declared: CeleryService) -> str:
    return declared.key_prefix + _UNACKED


def _exchanges(declared: CeleryService) -> list[str]:
    return sorted({_EXCHANGE, *declared.queues, *declared.exchanges})


async def _bound(commands: Commands, declared: CeleryService) -> list[str]:
    """The queues that are bound to the exchanges we know of: a worker or a sender has declared them."""
    members: list[str] = []
    for exchange in _exchanges(declared):
        key = f"{declared.key_prefix}{_BINDINGS}{exchange}"
        members += await commands.ask("SMEMBERS", key) if await _is_there(commands, key) is not False else []
    return sorted({str(member).rsplit(declared.separator, 1)[-1] for member in members})


async def _moment(commands: Commands, unacked: str, waiting: dict[str, list[str]]) -> dict[str, Any]:
    """What is so at one moment: what waits in each queue, and who is there; `lost` where that may not be asked."""
    keys = [key for lists in waiting.values() for key in lists]
    held = ("HLEN", unacked) if await _is_there(commands, unacked) is None else ("MEMORY", "USAGE", unacked)
    questions = [("CLIENT", "LIST"), held, *(("LLEN", key) for key in keys)]
    try:
        listed, holds, *lengths = await commands.at_once(questions)
    except ResponseError as error:
        return {"lost": failure("unknown", f"it answered {error}")}
    by_key = dict(zip(keys, lengths, strict=True))
    jobs = {queue: sum(by_key[key] for key in lists) for queue, lists in waiting.items()}
    return {"jobs": jobs, "clients": _clients(listed), "holding": bool(holds)}


async def _length(commands: Commands, command: str, key: str) -> int:
    """How many are in it: none where there is no such key, which is an empty one."""
    return int(await commands.ask(command, key)) if await _is_there(commands, key) is not False else 0


async def _there(commands: Commands, keys: list[str]) -> int:
    """How many of the keys are there."""
    found = 0
    for key in keys:
        there = await _is_there(commands, key)
        if there is None:
            return int(await commands.ask("EXISTS", *keys))
        found += there
    return found


async def _is_there(commands: Commands, key: str) -> bool | None:
    """Whether there is such a key; None where that may not be asked."""
    try:
        return await commands.ask("MEMORY", "USAGE", key) is not None
    except ResponseError:
        return None


def _clients(listed: object) -> list[dict[str, str]]:
    return [_fields(line) for line in str(listed).splitlines()]


def _fields(line: str) -> dict[str, str]:
    pairs = dict(word.split("=", 1) for word in line.split(" ") if "=" in word)
    return {name: pairs.get(name, "") for name in ("id", "cmd", "flags", "db", "idle", "psub", "sub")}
