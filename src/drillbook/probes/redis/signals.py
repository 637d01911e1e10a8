"""Signals from a Redis server: all commands through one connection, each with an answer or an error of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from redis import exceptions

from drillbook.probes.failure import said
from drillbook.probes.live import answered, spent
from drillbook.probes.question import Unmeasured
from drillbook.probes.redis.commands import checked, words
from drillbook.probes.redis.reading import Commands, session
from drillbook.probes.runner import LONGER, run
from drillbook.probes.values import is_number, single

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized

    from drillbook.probes.live import Spend
    from drillbook.probes.redis.table import CommandRead
    from drillbook.system.reads import Read
    from drillbook.system.target import Service

_LONGEST = 200  # characters that a number or a time may have
_NO_KEY, _NO_EXPIRY = -2, -1


async def bring(
    service: Service,
    reads: Mapping[str, Read],
    found: dict[str, Any],
    *,
    anew: bool,  # noqa: ARG001  # nothing of this is read otherwise
) -> dict[str, Any]:
    """What each command answers, or why it does not; nothing where nobody answered a PING."""
    if found.get("failed"):
        return {}
    answers: dict[str, dict[str, Any]] = {}

    async def ask(commands: Commands) -> dict[str, Any]:
        for key, read in reads.items():
            answers[key] = await answer(commands, words(cast("CommandRead", read).command))
        return {}

    ended = await session(service, ask)
    return {"answers": answers, "asked": ended["asked"], "failed": ended["failed"]}


def values(_service: Service, key: str, read: Read, reading: dict[str, Any]) -> dict[str, Any]:
    """The one value that the command answered, under no name."""
    brought = reading["signals"]
    found = brought.get("answers", {}).get(key)
    if found is None:
        raise Unmeasured((brought.get("failed") or {"reason": "it was not asked: nobody answered a PING"})["reason"])
    return {"": value(words(cast("CommandRead", read).command)[0], found)}


def cost(_service: Service, reads: Sized) -> int:
    """Every command."""
    return len(reads)


def now(service: Service, *words_: str, spend: Spend) -> float | bool:
    """The one value that a command answers now; Unmeasured where it is none of those that there are, or no number."""
    try:
        command = checked(*words_)
    except (TypeError, ValueError) as error:
        raise Unmeasured(str(error)) from None
    spent(service, spend, cost(service, (command,)))
    found = run(
        session(service, lambda commands: answer(commands, command)), within=LONGER * service.declared.seconds + 1
    )
    answered(service, found["failed"])
    return single({"": value(command[0], found)})


async def answer(commands: Commands, command: tuple[str, ...]) -> dict[str, Any]:
    """The reply to one command; an error of that one alone is `why` there is none."""
    try:
        reply = await commands.ask(*command)
    except exceptions.ResponseError as error:
        return {"why": f"{command[0]}: it answered {said(error)}"}
    return {"reply": _shown(reply) if isinstance(reply, str) else reply}


def value(command: str, found: Mapping[str, Any]) -> Any:
    """What a reply says: None where there is no such key, yes or no of EXISTS, seconds of TTL and PTTL."""
    if "why" in found:
        raise Unmeasured(found["why"])
    reply = found["reply"]
    if command in ("TTL", "PTTL"):
        if reply == _NO_EXPIRY:
            raise Unmeasured("the key never expires")
        return None if reply == _NO_KEY else reply / (1000 if command == "PTTL" else 1)
    if command == "EXISTS":
        return reply == 1
    return _number(reply) if isinstance(reply, str) else reply


def _shown(reply: str) -> str:
    """As much of a text as we keep: what is cut is no number any more."""
    return reply if len(reply) <= _LONGEST else f"{reply[: _LONGEST - 1]}…"


def _number(text: str) -> Any:
    """Redis has texts alone: one that is a number is one."""
    return float(text) if is_number(text) else text
