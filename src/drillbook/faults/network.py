"""The network: a service that runs, and that nobody reaches."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from drillbook.faults.dialling import ANSWERS, dialled
from drillbook.faults.fault import Evidence, Fault, honest
from drillbook.faults.reviving import revive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillbook.stack.handle import Running

LOOPBACK_DEVICE = "lo"


def cut_off(service: str) -> Fault:
    """The service is taken off all its networks; leaving brings it back to them, under its old names."""

    @contextmanager
    def inject(running: Running) -> Iterator[None]:
        handle = running.handle(service)
        with ExitStack() as undo:
            undo.callback(revive, handle)
            undo.callback(handle.reconnect)
            handle.disconnect()
            yield

    @honest
    def witness(running: Running) -> Evidence:
        devices, spoken = _devices(running, service), dialled(running, service)
        words = f"{service}: runs with {', '.join(devices) or 'no network device'}, {spoken}"
        return Evidence(not devices and spoken != ANSWERS, words)

    return Fault(f"{service} is cut off", (service,), inject, witness)


def _devices(running: Running, service: str) -> list[str]:
    """The network devices that the service's own processes see, loopback left out."""
    code, said = running.handle(service).execute(["cat", "/proc/net/dev"])
    if code:
        raise OSError(said)
    names = [line.split(":")[0].strip() for line in said.splitlines() if ":" in line]
    return [name for name in names if name != LOOPBACK_DEVICE]
