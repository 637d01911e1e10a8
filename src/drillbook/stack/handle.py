"""Handles: the only way to act on a container, and only on one that this run started.

Nothing here takes a container's name, an id or a host. Before each call the target must be a drill, the engine must be
local, and the container is looked up by its labels and inspected again; the call then goes to the id that was
inspected, whose labels cannot change any more.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from drillbook.inert import inert
from drillbook.mistakes import Mistakes, Refused
from drillbook.redact import scrub
from drillbook.stack.guard import PROJECT_LABEL, live, local_engine, the_one, with_label
from drillbook.stack.plan import LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from drillbook.target import Service, Target

SERVICE_LABEL = "com.docker.compose.service"
HELPER_LABEL = "drillbook.helper"
COMPOSE_SECONDS = 120
ENGINE_SAYS = "Error response from daemon:"


@dataclass(frozen=True)
class Running:
    """A stack that this run started: what its handles are looked up by, and what they are checked against.

    `run` is the value of the label `drillbook` on everything of it, `project` the compose project; `secrets` are those
    made for it, `files` the compose files it was started from and `values` the variables they were given.
    """

    target: Target
    run: str
    project: str
    secrets: Mapping[str, str] = field(repr=False)
    files: Sequence[Path] = ()
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def handle(self, service: str) -> Handle:
        """The handle of the container of that compose service; whether it may be used is asked at each call."""
        return Handle(self, SERVICE_LABEL, service)

    def dial(self, name: str) -> Service:
        """The target's service of that name, proven to be published by a container of this run; Refused if not."""
        with live(self):
            found = self.target.services.get(name)
        if found is None or not found.address:
            raise Refused([f"{self.target.name} has no service {name!r} with an address"])
        return found

    @contextmanager
    def helper(self, service: str) -> Iterator[Handle]:
        """A container beside that of `service`, removed at the end: same image and volumes, root, without a network.

        It works while the service is down, and holds the volumes: one in memory would lose its contents if nobody did.
        """
        name = token_hex(8)
        try:
            with live(self) as (client, ours):
                container = _create_helper(client, the_one(ours, SERVICE_LABEL, service), self.project, name)
                container.start()
            yield Handle(self, HELPER_LABEL, name)
        finally:
            with live(self) as (_, ours):
                for container in with_label(ours, HELPER_LABEL, name):
                    container.remove(force=True, v=True)


class Handle:
    """Acts on one container of a run; made by `Running` alone.

    Each method raises Refused where the container is not, or is no longer, one of the run's, and Mistakes with the
    engine's own words where the engine cannot do it.
    """

    def __init__(self, running: Running, label: str, value: str) -> None:
        self._running, self._label, self._value = running, label, value
        self._cut: dict[str, list[str]] = {}

    @property
    def service(self) -> str:
        """The compose service."""
        return self._value

    def kill(self, signal: str = "SIGKILL") -> None:
        """Sends `signal` to its first process."""
        with self._container() as container:
            container.kill(signal)

    def stop(self) -> None:
        """Stops it in an orderly way; kills it after its grace period."""
        with self._container() as container:
            container.stop()

    def start(self) -> None:
        """Starts it again."""
        with self._container() as container:
            container.start()

    def restart(self) -> None:
        """Stops it, if it runs, and starts it, with the environment it was created with."""
        with self._container() as container:
            container.restart()

    def pause(self) -> None:
        """Freezes its processes."""
        with self._container() as container:
            container.pause()

    def unpause(self) -> None:
        """Lets its processes go on."""
        with self._container() as container:
            container.unpause()

    def disconnect(self) -> None:
        """Takes it off every network; `reconnect` of the same handle brings it back to them."""
        with self._container() as container:
            for name, network in container.attrs["NetworkSettings"]["Networks"].items():
                aliases = [alias for alias in network["Aliases"] or [] if alias != container.short_id]
                self._cut[name] = aliases
                container.client.api.disconnect_container_from_network(container.id, name)

    def reconnect(self) -> None:
        """Brings it back to the networks that `disconnect` took it off, under the same aliases."""
        with self._container() as container:
            for name, aliases in self._cut.items():
                if name not in container.attrs["NetworkSettings"]["Networks"]:
                    container.client.api.connect_container_to_network(container.id, name, aliases=aliases)
            self._cut.clear()

    def execute(self, command: Sequence[str], user: str | None = None) -> tuple[int, str]:
        """Runs a command inside it; its exit code, and all it said.

        By docker's own program: the SDK reads the head of the engine's answer through a buffer and then goes on without
        it, and with it what a quick command has said by then.
        """
        as_whom = ["--user", user] if user else []
        with self._container() as container:
            done = _docker("exec", "--env", "LC_ALL=C", *as_whom, container.id, *command, stderr=subprocess.STDOUT)
            said = done.stdout.decode(errors="replace")
            if done.returncode and said.startswith(ENGINE_SAYS):
                raise ChildProcessError(said.removeprefix(ENGINE_SAYS).strip())  # told as all that the engine says
        return done.returncode, said

    def inspect(self) -> dict[str, Any]:
        """All that the engine knows of it."""
        with self._container() as container:
            attributes: dict[str, Any] = container.attrs
            return attributes

    def state(self) -> str:
        """`running`, `exited`, `paused`, `created`, `restarting` or `dead`."""
        return str(self.inspect()["State"]["Status"])

    def recreate(self, environ_changes: Mapping[str, str] | None = None) -> None:
        """Replaces it by a new one from the same compose files, some of their variables perhaps changed.

        Also where the service has lost its container.
        """
        values = {**self._running.values, **(environ_changes or {})}
        with live(self._running, without=(self._label, self._value)) as (client, ours):
            everything = client.containers.list(
                all=True, ignore_removed=True, filters={"label": f"{PROJECT_LABEL}={self._running.project}"}
            )
            foreign = {one.name for one in everything} - {one.name for one in ours}
            if foreign:  # compose knows its containers by the project alone, and would replace these
                raise Refused([f"{self._running.project} has containers that are not ours: {', '.join(foreign)}"])
        config = json.loads(_compose(self._running, values, "config", "--format", "json"))
        labels = config["services"].get(self.service, {}).get("labels") or {}
        if (config["name"], labels.get(LABEL)) != (self._running.project, self._running.run):
            raise Refused([f"the compose files of {self._running.run} do not describe its own {self.service!r}"])
        _compose(self._running, values, "up", "--detach", "--no-deps", "--force-recreate", "--no-build", self.service)

    @contextmanager
    def _container(self) -> Iterator[Any]:
        with live(self._running) as (_, ours):
            yield the_one(ours, self._label, self._value)


def _create_helper(client: Any, beside: Any, project: str, name: str) -> Any:
    from docker.types import Mount

    labels = {key: value for key, value in beside.labels.items() if key.split(".")[0] == LABEL}
    volumes = [(one["Name"], one["Destination"]) for one in beside.attrs["Mounts"] if one["Type"] == "volume"]
    ours = [one for one in volumes if client.volumes.get(one[0]).attrs["Labels"].get(LABEL) == labels[LABEL]]
    return client.containers.create(
        beside.attrs["Image"],
        entrypoint=["sleep"],
        command=["86400"],
        labels={**labels, PROJECT_LABEL: project, HELPER_LABEL: name},
        mounts=[Mount(place, volume, no_copy=True) for volume, place in ours],
        user="0",
        cap_drop=["ALL"],
        cap_add=["CHOWN", "DAC_OVERRIDE", "FOWNER"],
        security_opt=["no-new-privileges"],
        network_mode="none",
        read_only=True,
        init=True,
        pids_limit=64,
        healthcheck={"test": ["NONE"]},
    )


def _docker(
    *words: str, values: Mapping[str, str] | None = None, stderr: int = subprocess.PIPE, timeout: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs docker's own program with the engine that was found to be local, `values` in its environment."""
    foreign = [name for name in os.environ if name.startswith("COMPOSE_") or name == "DOCKER_CONTEXT"]
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    environ = {**inherited, **(values or {}), "DOCKER_HOST": local_engine()}
    nothing, out = subprocess.DEVNULL, subprocess.PIPE
    return subprocess.run(
        ["docker", *words], env=environ, stdin=nothing, stdout=out, stderr=stderr, timeout=timeout, check=False
    )


def _compose(running: Running, values: Mapping[str, str], *words: str) -> bytes:
    """What docker compose says; Mistakes where it fails."""
    files = [word for file in running.files for word in ("--file", str(file))]
    command = ("compose", "--project-name", running.project, *files, *words)
    done = _docker(*command, values=values, timeout=COMPOSE_SECONDS)
    if done.returncode:
        said = scrub(done.stderr.decode(errors="replace")).strip().splitlines()
        raise Mistakes(["docker compose says:", *(f"  {inert(line)}" for line in said[-6:])])
    return done.stdout
