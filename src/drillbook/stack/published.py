"""Whether what answers at an address is a container that Drillbook started on this machine, and that runs now."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from drillbook.common.mistakes import Refused
from drillbook.doctor import engine
from drillbook.stack.guard import local_engine, loopback_port
from drillbook.stack.ports import LOOPBACK
from drillbook.supervisor.owner import LABEL
from drillbook.supervisor.things import container

if TYPE_CHECKING:
    from drillbook.system.target import Service


def is_ours(service: Service) -> bool:
    """Whether a container of ours that runs now publishes the service's port on loopback.

    A port that a stopped one had may be anybody's by now. False too where the engine does not say: what cannot be shown
    to be ours is somebody else's.
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
    """The ports of loopback that our running containers are bound to."""
    with closing(engine.client()) as client:
        found = client.api.containers(filters={"label": [LABEL], "status": ["running"]})
    ours = [one for one in found if container(one).is_named_after_its_run]
    return {port["PublicPort"] for one in ours for port in one["Ports"] if port.get("IP") == LOOPBACK}
