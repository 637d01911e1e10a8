"""The guard in front of every fault and fix: is this really a drill's own stack, on this machine, right now?

Before each call the target must be a drill, the engine must be local, and the run's containers are looked up by their
labels and inspected again: that they are the run's, and that they reach nothing but what is the run's own. Whatever
speaks against it is Refused before anything is called.
"""

from __future__ import annotations

import os
import re
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urlsplit

from drillbook.common.inert import inert
from drillbook.common.mistakes import Refused
from drillbook.stack.created import violations
from drillbook.stack.plan import PROJECT_LABEL
from drillbook.stack.ports import LOOPBACK
from drillbook.stack.programs import engine_explained
from drillbook.supervisor.owner import LABEL
from drillbook.system.elsewhere import DRILL
from drillbook.system.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drillbook.stack.created import Bounds

LOCAL_ENGINE = "unix://"
ENGINE_SECONDS = 60
# What libpq would rather believe than the host and the port in front of it.
ELSEWHERE = {"host", "hostaddr", "port", "service", "servicefile"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)


class Guarded(Protocol):
    """What the guard must know of a stack: whose it is, what it is called, and what its containers may reach."""

    @property
    def target(self) -> Target:
        """The target that faults and fixes are for."""

    @property
    def run(self) -> str:
        """The value of the label `drillbook` on everything of it."""

    @property
    def project(self) -> str:
        """The compose project."""

    @property
    def bounds(self) -> Bounds:
        """What its containers may reach."""


@contextmanager
def live(running: Guarded, without: tuple[str, str] | None = None) -> Iterator[tuple[Any, list[Any]]]:
    """The local engine and the run's containers, just inspected; Refused where anything speaks against a drill.

    An address may belong to a container that is gone only where that container, `without`, is about to be replaced.
    """
    refusals = [*_against(running)]
    if refusals:
        raise Refused(refusals)
    engine = local_engine()
    import docker

    asked = closing(docker.DockerClient(base_url=engine, timeout=ENGINE_SECONDS))
    with engine_explained(running.target.name), asked as client:
        ours = _ours(client, running)
        strays = _strays(running, ours)
        if strays and (without is None or with_label(ours, *without)):
            raise Refused(strays)
        wrong = violations(client, ours, running.bounds)
        if wrong:
            raise Refused([f"{running.target.name}: {line}" for line in wrong])
        yield client, ours


def _against(running: Guarded) -> Iterator[str]:
    """What speaks against a drill before anybody is asked."""
    target = running.target
    if not isinstance(target, Target):
        yield "faults and fixes need the target of a drill"
        return
    if (target.kind, target.environment) != (DRILL, DRILL) or DRILL in target.system.environments:
        yield f"{target.name} is of kind {target.kind}: faults and fixes are for a drill's own stack only"
    for what, name in (("run", running.run), ("project", running.project)):
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            yield f"no {what} of ours is called {name!r}"
    yield from (f"{target.name}: {name} is not on this machine" for name, port in _addresses(target) if not port)


def local_engine() -> str:
    """Where the engine is, as the command `docker` finds it; Refused where that may be another machine."""
    from docker.context import ContextAPI

    address, context = os.environ.get("DOCKER_HOST"), os.environ.get("DOCKER_CONTEXT")
    if context or not address:
        found = ContextAPI.get_context(context)
        address = found.Host if found else f"context {context!r}, which is unknown"
    if not address.startswith(LOCAL_ENGINE):
        raise Refused([f"the engine is not on this machine: {inert(address)}"])
    return str(address)


def engine_environ(values: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of docker's own program, with `values` beside ours: it leads to the local engine."""
    foreign = [name for name in os.environ if name.startswith("COMPOSE_") or name == "DOCKER_CONTEXT"]
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**inherited, **(values or {}), "DOCKER_HOST": local_engine()}


def _addresses(target: Target) -> Iterator[tuple[str, int]]:
    """What the target's services answer at: a name for it, and its port on loopback, or 0 where it is elsewhere."""
    for service in target.services.values():
        for address in filter(None, (service.address, service.monitor)):
            yield service.name, loopback_port(address)


def loopback_port(address: str) -> int:
    try:
        parts = urlsplit(address)
        local = parts.hostname == LOOPBACK and not ELSEWHERE & set(parse_qs(parts.query, keep_blank_values=True))
        return parts.port or 0 if local else 0
    except ValueError:
        return 0


def _strays(running: Guarded, ours: list[Any]) -> list[str]:
    """The services whose address no container of the run publishes."""
    bound = [one for container in ours for one in (container.attrs["HostConfig"]["PortBindings"] or {}).values()]
    published = {int(binding["HostPort"] or 0) for bindings in bound for binding in bindings or []}
    strays = sorted({name for name, port in _addresses(running.target) if port not in published})
    return [f"{running.target.name}: {name} is not what run {running.run} started" for name in strays]


def _ours(client: Any, running: Guarded) -> list[Any]:
    """The run's containers: the filter finds them, and the comparison decides."""
    wanted = {LABEL: running.run, PROJECT_LABEL: running.project}
    filters = {"label": [f"{label}={value}" for label, value in wanted.items()]}
    found = client.containers.list(all=True, ignore_removed=True, filters=filters)
    return [one for one in found if wanted.items() <= one.labels.items()]


def with_label(ours: list[Any], label: str, value: str) -> list[Any]:
    """Those of the containers that carry the label with that value."""
    return [one for one in ours if one.labels.get(label) == value]


def the_one(ours: list[Any], label: str, value: str) -> Any:
    """The one container with that label and value; Refused where there is none, or more."""
    found = with_label(ours, label, value)
    if len(found) != 1:
        raise Refused([f"this run has {len(found) or 'no'} containers of {value!r}: nothing else may be touched"])
    return found[0]
