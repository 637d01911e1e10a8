"""Starts what a compose file describes through testcontainers, and removes whatever carries a label.

Both say how far they are: how many containers are up, and how many things are still there.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from drillbook.doctor.engine import client, connect
from drillbook.inert import inert
from drillbook.mistakes import Mistakes
from drillbook.progress import nobody, under_way
from drillbook.redact import scrub
from drillbook.stack.guard import PROJECT_LABEL
from drillbook.stack.handle import SERVICE_LABEL
from drillbook.stack.plan import LABEL, override, unknown_services
from drillbook.supervisor.removal import DEADLINE, remove_labelled
from drillbook.supervisor.things import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from testcontainers.compose import DockerCompose

    from drillbook.progress import Say
    from drillbook.stack.plan import Plan
    from drillbook.system import Stack

NEXT_STEP = "run `drillbook doctor` to see what is missing"
NOT_YET = ("(health: starting)", "(unhealthy)", "(Paused)")
ASKED_SECONDS = 5


def configuration(compose: Path, values: Mapping[str, str]) -> dict[str, Any]:
    """The compose file with its variables filled in, as compose understands it."""
    with _variables(values), _explained(f"{compose} cannot be used"):
        command = [*_compose([compose]).docker_compose_command(), "config", "--format", "json"]
        said = subprocess.run(command, cwd=compose.parent, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def describe(
    stack: Stack, file: Path, into: Path, *, plan: Plan, values: Mapping[str, str], owner: str, **more: Any
) -> list[Path]:
    """Writes the override of compose file `file` to `into`, and gives the files to start; `more` is `override`'s.

    Mistakes where the file cannot be used, or lacks a service that `stack.addresses` speak of.
    """
    config = configuration(file, values)
    unknown = unknown_services(stack, config)
    if unknown:
        raise Mistakes([f"stack.addresses: {file} has no service {name!r}" for name in unknown])
    into.write_text(override(plan, config, values["COMPOSE_PROJECT_NAME"], owner, **more), encoding="utf-8")
    return [file, into]


def start(files: list[Path], values: Mapping[str, str]) -> None:
    """Starts the services of `files` and waits for their health checks; what runs as described is left alone."""
    with _variables(values), _explained("the stack did not start"):
        _compose(files).start()


def how_far(project: str) -> str:
    """How many containers of a compose project are up, and which are not; one that has done its work is."""
    with closing(client(timeout=ASKED_SECONDS)) as engine:
        there = engine.api.containers(all=True, filters={"label": [f"{PROJECT_LABEL}={project}"]})
    found = {one["Labels"][SERVICE_LABEL]: one["Status"] for one in there}
    late = sorted(name for name, status in found.items() if not _is_up(status))
    waits = f", not yet {', '.join(late)}" if late else ""
    return f"{len(found) - len(late)} of {len(found)} containers up{waits}" if found else "no container yet"


def _is_up(status: str) -> bool:
    """`Up 5 seconds (healthy)` is, and so is `Exited (0) 3 seconds ago`; `Up 5 seconds (health: starting)` is not."""
    return status.startswith("Exited (0)") or (status.startswith("Up") and not status.endswith(NOT_YET))


def remove(owner: str, project: str = "", *, say: Say = nobody) -> tuple[str, ...]:
    """Removes every container, network and volume labelled `drillbook=owner`, and names what it removed.

    With `project`, only those of that compose project. Mistakes where something could not be removed.
    """
    labels = [f"{LABEL}={owner}", *([f"{PROJECT_LABEL}={project}"] if project else [])]
    with under_way(f"removing {project or owner}", say=say, at_most=DEADLINE, now=lambda: _still_there(labels)):
        removal = remove_labelled(connect(), *labels)
    if removal.left:
        raise Mistakes([f"could not be removed: {left}" for left in removal.left])
    return removal.removed


def _still_there(labels: list[str]) -> str:
    with closing(client(timeout=ASKED_SECONDS)) as engine:
        return f"still there: {len(listed(engine, *labels))}"


def _compose(files: list[Path]) -> DockerCompose:
    from testcontainers.compose import DockerCompose

    return DockerCompose(files[0].parent, compose_file_name=[str(file.absolute()) for file in files])


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Compose reads variables from its environment, which testcontainers takes from ours."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise Mistakes([f"{what}: there is no docker command: {NEXT_STEP}"]) from None
    except subprocess.CalledProcessError as error:
        said = scrub((error.stderr or b"").decode(errors="replace")).strip().splitlines()
        raise Mistakes([f"{what}: docker compose says:", *(f"  {inert(line)}" for line in said[-12:])]) from None
