"""Whether what answers at an address is a container that Drillbook started on this machine."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from drillbook.doctor import engine
from drillbook.mistakes import Refused
from drillbook.stack.guard import local_engine, loopback_port
from drillbook.stack.plan import LABEL

if TYPE_CHECKING:
    from drillbook.target import Service


def is_ours(service: Service) -> bool:
    """Whether a container that carries our label publishes the service's port on loopback, or will when it runs again.

    False too where the engine does not say: what cannot be shown to be ours is somebody else's.
    """
    port = loopback_port(service.address)
    if not port:
        return False
    try:
        local_engine()
        return port in _bound()
    except Refused:
        return False
    except Exception:  # the SDK lets errors of five libraries through, and all mean the same here
        return False


def _bound() -> set[int]:
    """The ports that our containers are bound to; those of stopped ones too, which the engine does not list."""
    with closing(engine.client()) as client:
        found = client.containers.list(all=True, ignore_removed=True, filters={"label": [LABEL]})
        bound = [one for container in found for one in (container.attrs["HostConfig"]["PortBindings"] or {}).values()]
    return {int(binding["HostPort"] or 0) for bindings in bound for binding in bindings or []}
