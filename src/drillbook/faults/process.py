"""Processes: killed, stopped, paused.

Killed and paused are two incidents: what is killed refuses at once, what is paused lets its callers hang.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from drillbook.faults.dialling import ANSWERS, MUTE, UNPUBLISHED, dialled
from drillbook.faults.fault import Evidence, Fault, honest
from drillbook.faults.reviving import revived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drillbook.stack.handle import Handle, Running

SIGKILLED = 137


def killed(service: str) -> Fault:
    """The service's container dies at once, as it does when memory runs out; leaving starts it again."""
    return _process(service, "is killed", lambda handle: handle.kill(), _was_killed)


def stopped(service: str) -> Fault:
    """The service's container is stopped in an orderly way; leaving starts it again."""
    return _process(service, "is stopped", lambda handle: handle.stop(), _is_over)


def paused(service: str) -> Fault:
    """The service's processes are frozen: callers connect and wait; leaving lets them go on."""
    return _process(service, "is paused", lambda handle: handle.pause(), _is_frozen)


def _process(
    service: str, what: str, harm: Callable[[Handle], None], proves: Callable[[dict[str, Any], str], bool]
) -> Fault:
    @contextmanager
    def inject(running: Running) -> Iterator[None]:
        handle = running.handle(service)
        with revived(handle):
            harm(handle)
            yield

    @honest
    def witness(running: Running) -> Evidence:
        state = running.handle(service).inspect()["State"]
        spoken = dialled(running, service)
        return Evidence(proves(state, spoken), f"{service}: {_words(state)}, {spoken}")

    return Fault(f"{service} {what}", (service,), inject, witness)


def _is_over(state: dict[str, Any], spoken: str) -> bool:
    return state["Status"] == "exited" and spoken != ANSWERS


def _was_killed(state: dict[str, Any], spoken: str) -> bool:
    return _is_over(state, spoken) and state["ExitCode"] == SIGKILLED


def _is_frozen(state: dict[str, Any], spoken: str) -> bool:
    return state["Status"] == "paused" and spoken in (MUTE, UNPUBLISHED)


def _words(state: dict[str, Any]) -> str:
    if state["Status"] != "exited":
        return str(state["Status"])
    return f"exited ({state['ExitCode']}) at {state['FinishedAt'][11:19]}"
