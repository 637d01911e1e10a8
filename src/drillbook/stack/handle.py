"""Handles: the only way to act on a container, and only on one that this run started.

Nothing here takes a container's name, an id or a host. Before each call the target must be a drill, the engine must be
local, and the container is looked up by its labels and inspected again; the call then goes to the id that was
inspected, whose labels cannot change any more.
"""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from drillbook.common.inert import inert
from drillbook.common.mistakes import Mistakes, Refused
from drillbook.common.redact import scrub
from drillbook.stack import compose
from drillbook.stack.created import Bounds
from drillbook.stack.guard import engine_environ, live, the_one, with_label
from drillbook.stack.helper import HELPER_LABEL, create_helper
from drillbook.stack.plan import PROJECT_LABEL, SERVICE_LABEL
from drillbook.supervisor.owner import LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drillbook.stack.recipe import Recipe
    from drillbook.system.target import Service, Target

COMPOSE_SECONDS = 120
RECREATE = ("up", "--no-start", "--no-deps", "--force-recreate", "--no-build")
ENGINE_SAYS = "Error response from daemon:"


@dataclass(frozen=True)
class Running:
    """A stack that this run started: what its handles are looked up by, and what they are checked against.

    `run` is the value of the label `drillbook` on everything of it, `project` the compose project; `secrets` are those
    made for it, `values` the variables that its compose file was given, `recipe` what its document is made from.
    """

    target: Target
    run: str
    project: str
    secrets: Mapping[str, str] = field(repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    recipe: Recipe | None = field(default=None, repr=False)

    @property
    def bounds(self) -> Bounds:
        """What its containers may reach."""
        return self.recipe.bounds if self.recipe else Bounds(self.run)

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
                container = create_helper(client, the_one(ours, SERVICE_LABEL, service), self.project, name)
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
        """Replaces it by a new one from the same compose file, some of its variables perhaps changed.

        Also where the service has lost its container. The new one is proven before it runs, as the old one was.
        """
        with live(self._running, without=(self._label, self._value)) as (client, ours):
            everything = client.containers.list(
                all=True, ignore_removed=True, filters={"label": f"{PROJECT_LABEL}={self._running.project}"}
            )
            foreign = {one.name for one in everything} - {one.name for one in ours}
            if foreign:  # compose knows its containers by the project alone, and would replace these
                raise Refused([f"{self._running.project} has containers that are not ours: {', '.join(foreign)}"])
        recipe = self._recipe()
        document = recipe.document(recipe.described(environ_changes))
        labels = document.content["services"].get(self.service, {}).get("labels") or {}
        if (recipe.marks.project, labels.get(LABEL)) != (self._running.project, self._running.run):
            raise Refused([f"the compose file of {self._running.run} does not describe its own {self.service!r}"])
        compose.write(recipe, document)
        _compose(recipe, *RECREATE, self.service, values={**self._running.values, **(environ_changes or {})})
        with live(self._running, without=(self._label, self._value)) as (_, ours):
            for container in with_label(ours, self._label, self._value):
                container.start()

    def _recipe(self) -> Recipe:
        if self._running.recipe is None:
            raise Refused([f"nothing says how {self.service!r} of {self._running.run} was made"])
        return self._running.recipe

    @contextmanager
    def _container(self) -> Iterator[Any]:
        with live(self._running) as (_, ours):
            yield the_one(ours, self._label, self._value)


def _docker(
    *words: str, values: Mapping[str, str] | None = None, stderr: int = subprocess.PIPE, timeout: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs docker's own program with the engine that was found to be local, `values` in its environment."""
    environ, nothing, out = engine_environ(values), subprocess.DEVNULL, subprocess.PIPE
    return subprocess.run(
        ["docker", *words], env=environ, stdin=nothing, stdout=out, stderr=stderr, timeout=timeout, check=False
    )


def _compose(recipe: Recipe, *words: str, values: Mapping[str, str]) -> None:
    """Has docker compose do something with the run's document; Mistakes where it fails."""
    env_file = ["--env-file", recipe.env_file] if recipe.env_file else []
    done = _docker("compose", "--file", str(recipe.path), *env_file, *words, values=values, timeout=COMPOSE_SECONDS)
    if done.returncode:
        said = scrub(done.stderr.decode(errors="replace")).strip().splitlines()[-6:]
        raise Mistakes(["docker compose says:", *(f"  {inert(line)}" for line in said)])
